package io.anabranch.metrics;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import java.io.File;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

/** The lines that the configuration which is in the jar makes of events. */
class LogLinesTest {
    private final LoggerContext context = new LoggerContext();

    @BeforeEach
    void configure() throws Exception {
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(new File("src/main/resources/logback.xml"));
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    private String line(String message, KeyValuePair... values) {
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        var event = new LoggingEvent("", root, Level.INFO, message, null, null);
        for (KeyValuePair value : values) {
            event.addKeyValuePair(value);
        }
        var appender = (ConsoleAppender<ILoggingEvent>) root.getAppender("stderr");
        return new String(appender.getEncoder().encode(event), UTF_8);
    }

    @Test
    void tellWhoItWas() {
        assertThat(
                        line(
                                "refused",
                                new KeyValuePair("session", "5f1c"),
                                new KeyValuePair("user", "alice")))
                .endsWith(" refused session=\"5f1c\" user=\"alice\"" + System.lineSeparator());
    }

    @Test
    void endWithTheMessageWhereThereIsNoMoreToTell() {
        assertThat(line("listens")).endsWith(" ROOT listens" + System.lineSeparator());
    }

    @Test
    void areOneEachWhateverAClientIsCalled() {
        assertThat(line("a\r\nb", new KeyValuePair("user", "mallory\n2026 INFO all is well")))
                .containsOnlyOnce("\n")
                .contains("a  b user=\"mallory 2026 INFO");
    }
}
