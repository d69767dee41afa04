package io.anabranch.config;

import static io.anabranch.config.ConfigFiles.KEY;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one key alone cannot show. */
class ConfigReaderTest {
    @TempDir Path directory;
    private ConfigFiles files;

    @BeforeEach
    void setUp() {
        files = new ConfigFiles(directory);
    }

    @Test
    void limitsTheSizeOfTheLog() {
        assertThat(files.load(KEY, "log.maxSize=10GiB").log().maxBytes()).isEqualTo(10L << 30);
        assertThat(files.load(KEY, "log.maxSize=0").log().maxBytes()).isZero();
        assertThat(files.problems(KEY, "log.maxSize=1000"))
                .containsExactly("log.maxSize: 1000 (expected: 0 for no limit, or at least 1MiB)");
    }

    @Test
    void readsTheBrokerOfALogThatHubsShare() {
        String servers = "servers: ['nats://a:4222', 'tls://b']";
        Config.LogStore log =
                files.load(KEY + "log: {type: nats, " + servers + ", stream: hubs, replicas: 3}")
                        .log();
        assertThat(log.nats())
                .isEqualTo(
                        new Config.Nats(
                                List.of("nats://a:4222", "tls://b"),
                                null,
                                null,
                                null,
                                "hubs",
                                3,
                                true));
        assertThat(files.problems(KEY + "log: {type: nats}"))
                .containsExactly(
                        "log.servers: [] (expected: an address such as nats://127.0.0.1:4222)");
    }

    @Test
    void doesNotRepeatThePasswordOfABroker() {
        assertThat(files.problems(KEY + "log: {servers: ['http://hub:secret@a:4222']}"))
                .singleElement()
                .asString()
                .startsWith("log.servers: ")
                .contains("nats://127.0.0.1:4222")
                .doesNotContain("secret@");
    }

    @Test
    void refusesAStreamWhoseNameIsNoToken() {
        assertThat(files.problems(KEY, "log.stream=my.hubs"))
                .containsExactly(
                        "log.stream: \"my.hubs\" (expected: 1 to 64 characters of A-Z a-z 0-9 _ -)");
    }

    @Test
    void refusesHalfATlsConfiguration() throws IOException {
        Path pem = Files.writeString(directory.resolve("cert.pem"), "…");

        assertThat(files.problems(KEY + "http: {tls: {cert: '" + pem + "'}}"))
                .containsExactly(
                        "http.tls.key: not set (expected: a PEM file, as the other one is set)");
        assertThat(files.problems(KEY + "http: {tls: {http3: true}}"))
                .containsExactly(
                        "http.tls.http3: true (expected: false, as http.tls.cert is not set)");
        String tls = "cert: pom.xml, key: pom.xml, http3: true";
        assertThat(files.problems(KEY + "http: {port: 0, tls: {" + tls + "}}"))
                .containsExactly(
                        "http.port: 0 (expected: a port, as HTTP/3 needs the same one for TCP and"
                                + " UDP)");
        assertThat(
                        files.load(KEY + "http: {tls: {cert: '" + pem + "', key: '" + pem + "'}}")
                                .http()
                                .tls())
                .isEqualTo(new Config.Tls(pem, pem, 10_000, false));
    }

    @Test
    void refusesARuleThatAnEarlierOneHides() {
        assertThat(files.problems(KEY + "channels: {'*': {}, 'chat:*': {}}"))
                .containsExactly(
                        "channels.\"chat:*\": never used, as \"*\" stands before it (expected: the"
                                + " narrower pattern first)");
    }

    @Test
    void keepsTheOrderOfTheRulesAndEndsWithOneForAllChannels() {
        Config config = files.load(KEY + "channels: {'z:*': {}, 'm': {}, 'a:*': {presence: true}}");

        assertThat(config.channels().stream().map(rule -> rule.pattern().text()))
                .containsExactly("z:*", "m", "a:*", "*");
    }

    @Test
    void keepsDevelopmentOnThisMachine() {
        for (String host :
                List.of("0.0.0.0", "::", "192.168.1.7", "hub.example", "127.0.0.1.nip")) {
            assertThat(files.problems("development: true\nhttp: {host: '" + host + "'}"))
                    .singleElement()
                    .asString()
                    .startsWith("http.host: \"" + host + "\" (expected: 127.0.0.1, ::1 or");
        }
        for (String host : List.of("127.0.0.1", "127.1.2.3", "::1", "localhost")) {
            assertThat(files.load("development: true\nhttp: {host: '" + host + "'}").http().host())
                    .isEqualTo(host);
        }
    }
}
