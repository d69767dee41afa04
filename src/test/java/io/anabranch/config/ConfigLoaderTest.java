package io.anabranch.config;

import static io.anabranch.config.ConfigFiles.KEY;
import static io.anabranch.config.ConfigFiles.SECRET;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.anabranch.auth.Grants;
import io.anabranch.auth.KeyOptions;
import io.anabranch.log.Retention;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.polyglot.VerticleOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
    static final String SECTION_9 =
            """
            http: {host: 127.0.0.1, port: 8080, origins: [], tls: {cert: , key: }}
            management: {host: 127.0.0.1, port: 8090}
            auth:
              keys: [{id: main, algorithm: HS256, secret: }]     # or {algorithm: RS256, publicKey: FILE}
              jwks: {url: , refresh: 10m}
              issuer:
              audience:
              anonymous: {subscribe: [], publish: []}
            log: {type: sqlite, path: data/anabranch.db}          # or memory
            channels:                                              # first match wins
              "ticker:*": {history: {messages: 100, age: 1h}, durable: false}
              "*":        {history: {messages: 1000, age: 7d}, durable: true, presence: false}
            limits: {message: 64KiB, connectionsPerUser: 100, channelsPerConnection: 128, publishPerSecond: 200}
            verticles: []                                          # ["demo/stocks.js", "com.acme.Bot", …]
            development: false                                     # true: demo pages
            """;

    @TempDir Path directory;
    private ConfigFiles files;

    @BeforeEach
    void setUp() {
        files = new ConfigFiles(directory);
    }

    @Test
    void readsTheProtocolsOwnExample() {
        Config config = files.load(SECTION_9, "auth.keys[0].secret='" + SECRET + "'");

        assertThat(config.http())
                .isEqualTo(
                        new Config.Http(
                                "127.0.0.1",
                                8080,
                                List.of(),
                                List.of(),
                                null,
                                15_000,
                                0,
                                5_000,
                                0,
                                "auto",
                                false));
        assertThat(config.management()).isEqualTo(new Config.Management("127.0.0.1", 8090));
        assertThat(config.auth().keys()).containsExactly(KeyOptions.hs256("main", SECRET));
        assertThat(config.auth().rules().issuer()).isNull();
        assertThat(config.auth().anonymous()).isEqualTo(Grants.NONE);
        assertThat(config.log())
                .isEqualTo(
                        new Config.LogStore(
                                "sqlite", Path.of("data/anabranch.db"), 120_000, 0, null));
        assertThat(config.channels())
                .containsExactly(
                        new Config.ChannelRule(
                                new ChannelPattern("ticker:*"),
                                new Retention(100, 3_600_000, false),
                                false),
                        new Config.ChannelRule(
                                new ChannelPattern("*"),
                                new Retention(1000, 604_800_000, true),
                                false));
        assertThat(config.limits())
                .isEqualTo(
                        new Config.Limits(
                                65_536, 81_920, 8_192, 16_384, 100_000, 100, 10_000, 128, 200, 200,
                                1_000, 1_000, 15_000, 60_000, 75_000));
        assertThat(config.services()).isEqualTo(new Config.Services(25_000));
        assertThat(config.verticles()).isEmpty();
        assertThat(config.development()).isFalse();
    }

    @Test
    void givesTheSameForAFileThatLeavesAllOfItOut() {
        Config whole = files.load(SECTION_9, "auth.keys[0].secret=" + SECRET + "0");
        Config bare = files.load(KEY);

        assertThat(bare.http()).isEqualTo(whole.http());
        assertThat(bare.management()).isEqualTo(whole.management());
        assertThat(bare.auth()).isEqualTo(whole.auth());
        assertThat(bare.log()).isEqualTo(whole.log());
        assertThat(bare.limits()).isEqualTo(whole.limits());
        assertThat(bare.rule(new Channel("any"))).isEqualTo(whole.rule(new Channel("any")));
    }

    @Test
    void acceptsTheShippedConfiguration() throws IOException {
        Config config = files.load(Files.readString(Path.of("conf/anabranch.yaml")));

        assertThat(config.development()).isTrue();
        assertThat(config.rule(new Channel("chat:lobby")).presence()).isTrue();
        assertThat(config.rule(new Channel("ticker:ACME")).retention().durable()).isFalse();
        assertThat(config.auth().anonymous().subscribe())
                .containsExactly("demo:*", "chat:*", "ticker:*");
        assertThat(config.auth().anonymous().call()).containsExactly("library.*");
        assertThat(config.verticles()).hasSize(5);
    }

    @Test
    void namesTheNearestRightKey() {
        assertThat(files.problems(KEY + "http: {prot: 8080}"))
                .containsExactly("http.prot: unknown key (did you mean http.port?)");
        assertThat(files.problems(KEY + "limit: {message: 1KiB}"))
                .containsExactly("limit: unknown key (did you mean limits?)");
        assertThat(files.problems(KEY + "channels: {'*': {histroy: {age: 1h}}}"))
                .containsExactly(
                        "channels.\"*\".histroy: unknown key (did you mean"
                                + " channels.\"*\".history?)");
        assertThat(files.problems(KEY + "port: 8080"))
                .containsExactly("port: unknown key (did you mean http.port?)");
        assertThat(files.problems(KEY + "management: {frobnicate: 1}"))
                .containsExactly("management.frobnicate: unknown key (expected: host, port)");
    }

    @Test
    void listsAllThatIsWrongWithPathValueAndWhatWasExpected() {
        String file =
                """
                http: {port: 65536, host: 1, origins: [https://a.example/path], heartbeat: 15}
                auth: {keys: [{id: main, algorithm: none, secret: abc}], anonymous: {publish: [a b]}}
                channels: {"chat:*": {history: {messages: many, age: 1 week}, durable: 1}, "a b": {}}
                limits: {message: 64KB, publishPerSecond: 0}
                verticles: com.acme.Bot
                development: maybe
                management: 8090
                """;

        assertThat(files.problems(file))
                .containsExactlyInAnyOrder(
                        "http.port: \"65536\" (expected: a whole number from 0 to 65535)",
                        "http.host: \"1\" (expected: a host name or address)",
                        "http.origins: \"[\"https://a.example/path\"]\" (expected: a list, each an"
                                + " origin such as https://example.com or http://localhost:3000)",
                        "http.heartbeat: \"15\" (expected: a duration from 100ms to 10m such as"
                                + " 500ms, 15s, 10m, 1h, 7d)",
                        "auth.keys[0].algorithm: \"none\" (expected: HS256 or RS256 or ES256 or"
                                + " EdDSA)",
                        "auth.keys[0].secret: (hidden) (expected: text in quotes, at least 32"
                                + " bytes)",
                        "auth.anonymous.publish: \"[\"a b\"]\" (expected: a list, each a pattern"
                                + " such as chat:*, chat:lobby or inbox:{sub})",
                        "channels.\"chat:*\".history.messages: \"many\" (expected: a whole number"
                                + " from 0 to 100000000)",
                        "channels.\"chat:*\".history.age: \"1 week\" (expected: a duration from 0s"
                                + " to 36500d such as 500ms, 15s, 10m, 1h, 7d)",
                        "channels.\"chat:*\".durable: \"1\" (expected: true or false)",
                        "channels.\"a b\": no channel pattern (expected: such as \"chat:*\")",
                        "limits.message: \"64KB\" (expected: a size from 1B to 64MiB such as"
                                + " 64KiB, 1MiB, 1000)",
                        "limits.publishPerSecond: \"0\" (expected: a whole number from 1 to"
                                + " 10000000)",
                        "verticles: \"com.acme.Bot\" (expected: a list)",
                        "development: \"maybe\" (expected: true or false)",
                        "management: \"8090\" (expected: a section with host, port)");
    }

    @Test
    void neverShowsASecret() {
        assertThat(files.problems("auth: {keys: [{id: a, algorithm: HS256, secret: 123456789}]}"))
                .singleElement()
                .asString()
                .contains("auth.keys[0].secret: (hidden)")
                .doesNotContain("123456789");
        assertThat(files.problems(KEY, "auth.keys[0].secert=" + SECRET).toString())
                .doesNotContain(SECRET);
        assertThat(files.problems(KEY, "auth keys secret=" + SECRET).toString())
                .doesNotContain(SECRET);
    }

    @Test
    void putsSettingsOverTheFile() {
        Config config =
                files.load(
                        KEY + "http: {port: 1}\nchannels: {'chat:*': {presence: true}}",
                        "http.port=0",
                        "http.port=8081",
                        "verticles=[com.acme.Echo, com.acme.Bot]",
                        "http.origins=[https://Example.COM]",
                        "channels.\"chat:*\".history.messages=7",
                        "channels.\"chat:lobby\".durable=false",
                        "limits={message: 1MiB}",
                        "auth.keys[1]={id: b, algorithm: HS256, secret: " + SECRET + "b}",
                        "auth.issuer=");

        assertThat(config.http().port()).isEqualTo(8081);
        assertThat(config.http().origins()).containsExactly("https://example.com");
        assertThat(config.verticles())
                .containsExactly(
                        VerticleOptions.of("com.acme.Echo"), VerticleOptions.of("com.acme.Bot"));
        assertThat(config.rule(new Channel("chat:x")).retention().messages()).isEqualTo(7);
        assertThat(config.rule(new Channel("chat:x")).presence()).isTrue();
        assertThat(config.rule(new Channel("chat:lobby")).retention().durable()).isFalse();
        assertThat(config.limits().message()).isEqualTo(1 << 20);
        assertThat(config.limits().frame()).isEqualTo((1 << 20) + (16 << 10));
        assertThat(config.auth().keys()).hasSize(2);
        assertThat(config.auth().rules().issuer()).isNull();
    }

    @Test
    void refusesSettingsThatAreNone() {
        assertThat(files.problems(KEY, "http.port"))
                .singleElement()
                .asString()
                .startsWith("--set: \"http.port\" (expected: path=value");
        for (String set : List.of("=1", ".a=1", "a..b=1", "a[=1", "a[x]=1", "[0]=1", "a b=1")) {
            assertThat(files.problems(KEY, set)).as(set).hasSize(1);
        }
        assertThat(files.problems(KEY, "http.prot=1"))
                .containsExactly("http.prot: unknown key (did you mean http.port?)");
        assertThat(files.problems(KEY, "http.port=[")).hasSize(1);
        assertThat(files.problems(KEY, "auth.keys[5].id=x")).hasSize(1);
        assertThat(files.problems(KEY, "http.port.deep=1")).hasSize(1);
        assertThat(files.problems(KEY, "http[0]=1")).hasSize(1);
    }

    @Test
    void refusesFilesThatAreNoConfiguration() throws IOException {
        assertThat(files.problems("http: ["))
                .singleElement()
                .asString()
                .contains("no YAML", "line 1");
        assertThat(files.problems("just text"))
                .singleElement()
                .asString()
                .contains("expected: sections");
        assertThat(files.problems("http: {port: 1}\nhttp: {port: 2}\n"))
                .singleElement()
                .asString()
                .contains("duplicate key http");
        assertThat(files.problems("a: !!javax.script.ScriptEngineManager []")).hasSize(1);
        ConfigException absent =
                catchThrowableOfType(
                        ConfigException.class,
                        () -> ConfigLoader.load(directory.resolve("absent.yaml"), List.of()));
        assertThat(absent).hasMessageContaining("absent.yaml").hasMessageContaining("--config");
    }
}
