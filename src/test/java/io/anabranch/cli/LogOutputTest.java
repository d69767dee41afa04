package io.anabranch.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.joran.JoranConfigurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import io.vertx.core.json.JsonObject;
import java.io.File;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

/** Lines of the log as JSON, by the configuration which is in the jar. */
class LogOutputTest {
    private final LoggerContext context = new LoggerContext();

    @BeforeEach
    void configure() throws Exception {
        JoranConfigurator configurator = new JoranConfigurator();
        configurator.setContext(context);
        configurator.doConfigure(new File("src/main/resources/logback.xml"));
        LogOutput.useJson(context);
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    private String line(String message, Throwable failure, String user) {
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        var event = new LoggingEvent("", root, Level.WARN, message, failure, new Object[] {7});
        event.addKeyValuePair(new KeyValuePair("user", user));
        var appender = (ConsoleAppender<ILoggingEvent>) root.getAppender("stderr");
        return new String(appender.getEncoder().encode(event), UTF_8);
    }

    @Test
    void tellTheMessageAndWhoItWas() {
        JsonObject line = new JsonObject(line("refused {}", null, "alice"));
        assertThat(line.getString("level")).isEqualTo("WARN");
        assertThat(line.getString("formattedMessage")).isEqualTo("refused 7");
        assertThat(line.getJsonArray("kvpList").getJsonObject(0).getString("user"))
                .isEqualTo("alice");
        assertThat(line.getLong("timestamp")).isPositive();
    }

    @Test
    void areOneEachWhateverAClientIsCalled() {
        String name = "mallory\r\n\u001b[2J\"}\n{\"level\":\"INFO\"";
        String line = line("refused", new IllegalStateException("a\nb"), name);
        assertThat(line).endsWith("\n").containsOnlyOnce("\n").doesNotContain("\u001b", "\r");
        JsonObject read = new JsonObject(line);
        assertThat(read.getJsonArray("kvpList").getJsonObject(0).getString("user")).isEqualTo(name);
        assertThat(read.getJsonObject("throwable").getString("message")).isEqualTo("a\nb");
    }
}
