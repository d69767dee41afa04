package io.anabranch.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.anabranch.bridge.BridgeOptions;
import io.anabranch.mercure.MercureOptions;
import io.anabranch.message.ChannelPattern;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProtocolsReaderTest {
    private static final String KEYS =
            "{id: a, algorithm: HS256, secret: 0123456789abcdef0123456789abcdef}";

    @TempDir Path directory;

    private Path file(String anonymous, String protocols) throws IOException {
        return Files.writeString(
                directory.resolve("anabranch.yaml"),
                "auth: {keys: ["
                        + KEYS
                        + "], anonymous: {subscribe: ["
                        + anonymous
                        + "]}}\nprotocols: {"
                        + protocols
                        + "}\n");
    }

    private List<String> problems(String anonymous, String protocols) throws IOException {
        Path file = file(anonymous, protocols);
        var refused =
                catchThrowableOfType(
                        ConfigException.class, () -> ConfigLoader.load(file, List.of()));
        return refused.problems();
    }

    @Test
    void whatIsNotSwitchedOnIsNotSpoken() throws Exception {
        Config config = ConfigLoader.load(file("'*'", "mercure: {open: ['*']}"), List.of());
        assertThat(config.protocols()).isEqualTo(Config.Protocols.NONE);
    }

    @Test
    void readsWhatIsSwitchedOn() throws Exception {
        String protocols =
                "mercure: {enabled: true, open: ['https:*']}, eventBusBridge: {enabled: true}";
        assertThat(ConfigLoader.load(file("'https:*'", protocols), List.of()).protocols())
                .isEqualTo(
                        new Config.Protocols(
                                new MercureOptions(
                                        List.of(new ChannelPattern("https:*")),
                                        "mercureAuthorization",
                                        false),
                                new BridgeOptions("/eventbus")));
    }

    @Test
    void privateUpdatesAreNotEverybodys() throws Exception {
        for (String pattern : List.of("*", "~*", "~private:*", "~private:https://a")) {
            assertThat(problems("'" + pattern + "'", "mercure: {enabled: true}"))
                    .singleElement()
                    .asString()
                    .contains("auth.anonymous.subscribe: \"" + pattern + "\"")
                    .contains("~private:*");
        }
    }

    @Test
    void refusesAPathThatIsNone() throws Exception {
        assertThat(problems("", "eventBusBridge: {enabled: true, path: 'eventbus/*'}"))
                .singleElement()
                .asString()
                .contains("expected: such as /eventbus");
    }
}
