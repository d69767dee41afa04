package io.anabranch.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.anabranch.auth.Algorithm;
import io.anabranch.auth.Grants;
import io.anabranch.auth.KeyOptions;
import io.anabranch.log.Retention;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.polyglot.VerticleOptions;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConfigLoaderTest {
    private static final String SECRET = "0123456789abcdef0123456789abcdef";
    private static final String KEY =
            "auth: {keys: [{id: main, algorithm: HS256, secret: " + SECRET + "0}]}\n";
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

    @Test
    void readsTheProtocolsOwnExample() {
        Config config = load(SECTION_9, "auth.keys[0].secret='" + SECRET + "'");

        assertThat(config.http())
                .isEqualTo(
                        new Config.Http(
                                "127.0.0.1",
                                8080,
                                List.of(),
                                List.of(),
                                null,
                                15_000,
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
        Config whole = load(SECTION_9, "auth.keys[0].secret=" + SECRET + "0");
        Config bare = load(KEY);

        assertThat(bare.http()).isEqualTo(whole.http());
        assertThat(bare.management()).isEqualTo(whole.management());
        assertThat(bare.auth()).isEqualTo(whole.auth());
        assertThat(bare.log()).isEqualTo(whole.log());
        assertThat(bare.limits()).isEqualTo(whole.limits());
        assertThat(bare.rule(new Channel("any"))).isEqualTo(whole.rule(new Channel("any")));
    }

    @Test
    void acceptsTheShippedConfiguration() throws IOException {
        Config config = load(Files.readString(Path.of("conf/anabranch.yaml")));

        assertThat(config.development()).isTrue();
        assertThat(config.rule(new Channel("chat:lobby")).presence()).isTrue();
        assertThat(config.rule(new Channel("ticker:ACME")).retention().durable()).isFalse();
        assertThat(config.auth().anonymous().subscribe())
                .containsExactly("demo:*", "chat:*", "ticker:*");
        assertThat(config.auth().anonymous().call()).containsExactly("library.*");
        assertThat(config.verticles()).hasSize(5);
    }

    @Test
    void readsAVerticleWithWhatIsSetForIt() {
        Config config =
                load(
                        KEY
                                + "verticles:\n"
                                + "  - com.acme.Bot\n"
                                + "  - {name: com.acme.Echo, required: true, config: {a: [1]},"
                                + " limits: {time: 2s, statements: 7}}\n");

        assertThat(config.verticles())
                .containsExactly(
                        VerticleOptions.of("com.acme.Bot"),
                        new VerticleOptions(
                                "com.acme.Echo",
                                null,
                                true,
                                new JsonObject("{\"a\":[1]}"),
                                new VerticleOptions.Limits(2_000, 7)));
    }

    @Test
    void namesWhatIsWrongWithAVerticle() {
        assertThat(problems(KEY + "verticles: [{nme: a}]"))
                .containsExactlyInAnyOrder(
                        "verticles[0].nme: unknown key (did you mean verticles[0].name?)",
                        "verticles[0].name: not set (expected: a file or a class)");
        assertThat(problems(KEY + "verticles: [com.acme.Bot, {name: com.acme.Bot}]"))
                .containsExactly("verticles[1].name: \"com.acme.Bot\" (expected: no repeat)");
        assertThat(problems(KEY + "verticles: [nowhere/at-all.js]"))
                .containsExactly(
                        "verticles[0].name: \"nowhere/at-all.js\" is no file (expected: a file"
                                + " that can be read, from the directory that the hub is started"
                                + " in)");
    }

    @Test
    void namesTheNearestRightFileOfAVerticle() throws IOException {
        Path script = Files.writeString(directory.resolve("greeter.js"), "");
        Path mistyped = directory.resolve("greetr.js");
        assertThat(problems(KEY + "verticles: ['" + mistyped + "']"))
                .containsExactly(
                        "verticles[0].name: \""
                                + mistyped
                                + "\" is no file (did you mean "
                                + script
                                + "?)");
    }

    @Test
    void namesTheNearestRightKey() {
        assertThat(problems(KEY + "http: {prot: 8080}"))
                .containsExactly("http.prot: unknown key (did you mean http.port?)");
        assertThat(problems(KEY + "limit: {message: 1KiB}"))
                .containsExactly("limit: unknown key (did you mean limits?)");
        assertThat(problems(KEY + "channels: {'*': {histroy: {age: 1h}}}"))
                .containsExactly(
                        "channels.\"*\".histroy: unknown key (did you mean"
                                + " channels.\"*\".history?)");
        assertThat(problems(KEY + "port: 8080"))
                .containsExactly("port: unknown key (did you mean http.port?)");
        assertThat(problems(KEY + "management: {frobnicate: 1}"))
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

        assertThat(problems(file))
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
        assertThat(problems("auth: {keys: [{id: a, algorithm: HS256, secret: 123456789}]}"))
                .singleElement()
                .asString()
                .contains("auth.keys[0].secret: (hidden)")
                .doesNotContain("123456789");
        assertThat(problems(KEY, "auth.keys[0].secert=" + SECRET).toString())
                .doesNotContain(SECRET);
        assertThat(problems(KEY, "auth keys secret=" + SECRET).toString()).doesNotContain(SECRET);
    }

    @Test
    void limitsTheSizeOfTheLog() {
        assertThat(load(KEY, "log.maxSize=10GiB").log().maxBytes()).isEqualTo(10L << 30);
        assertThat(load(KEY, "log.maxSize=0").log().maxBytes()).isZero();
        assertThat(problems(KEY, "log.maxSize=1000"))
                .containsExactly("log.maxSize: 1000 (expected: 0 for no limit, or at least 1MiB)");
    }

    @Test
    void readsTheBrokerOfALogThatHubsShare() {
        String servers = "servers: ['nats://a:4222', 'tls://b']";
        Config.LogStore log =
                load(KEY + "log: {type: nats, " + servers + ", stream: hubs, replicas: 3}").log();
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
        assertThat(problems(KEY + "log: {type: nats}"))
                .containsExactly(
                        "log.servers: [] (expected: an address such as nats://127.0.0.1:4222)");
    }

    @Test
    void doesNotRepeatThePasswordOfABroker() {
        assertThat(problems(KEY + "log: {servers: ['http://hub:secret@a:4222']}"))
                .singleElement()
                .asString()
                .startsWith("log.servers: ")
                .contains("nats://127.0.0.1:4222")
                .doesNotContain("secret@");
    }

    @Test
    void refusesAStreamWhoseNameIsNoToken() {
        assertThat(problems(KEY, "log.stream=my.hubs"))
                .containsExactly(
                        "log.stream: \"my.hubs\" (expected: 1 to 64 characters of A-Z a-z 0-9 _ -)");
    }

    @Test
    void refusesToDoWithoutAKeyAndSaysHowToMakeOne() {
        assertThat(problems("")).singleElement().asString().startsWith("auth.keys: none");
        assertThat(problems("").get(0)).contains("openssl rand -base64 32");
        assertThat(problems("auth: {keys: [{id: main, algorithm: HS256, secret: }]}"))
                .containsExactly(
                        "auth.keys[0].secret: not set (expected: text in quotes, at least 32"
                                + " bytes)");
        assertThat(problems("auth: {keys: [{algorithm: RS256}, {id: b}, ]}"))
                .anyMatch(line -> line.startsWith("auth.keys[0].id: not set"))
                .anyMatch(line -> line.startsWith("auth.keys[1].algorithm: not set"));
    }

    @Test
    void refusesKeysThatDoNotFitTheirAlgorithm() {
        assertThat(problems("auth: {keys: [{id: a, algorithm: RS256, publicKey: absent.pem}]}"))
                .singleElement()
                .asString()
                .startsWith("auth.keys[0].publicKey: \"absent.pem\" (expected: a PEM file");
        assertThat(problems("auth: {keys: [{id: a, algorithm: ES256}]}"))
                .containsExactly("auth.keys[0].publicKey: not set (expected: a PEM file)");
        assertThat(problems(KEY.replace("}]", ", publicKey: a.pem}]")))
                .containsExactly(
                        "auth.keys[0].publicKey: set (expected: no publicKey: HS256 has a"
                                + " secret)");
        assertThat(
                        problems(
                                KEY.replace(
                                        "}]",
                                        "}, {id: main, algorithm: HS256, secret: '"
                                                + SECRET
                                                + "'}]")))
                .containsExactly("auth.keys[1].id: \"main\" (expected: no repeat)");
    }

    @Test
    void readsAPublicKeysFile() throws IOException {
        Path pem = Files.writeString(directory.resolve("login.pem"), "…");

        Config config =
                load("auth: {keys: [{id: login, algorithm: EdDSA, publicKey: '" + pem + "'}]}");

        assertThat(config.auth().keys())
                .containsExactly(KeyOptions.ofPublicKey("login", Algorithm.EDDSA, pem));
    }

    @Test
    void refusesHalfATlsConfiguration() throws IOException {
        Path pem = Files.writeString(directory.resolve("cert.pem"), "…");

        assertThat(problems(KEY + "http: {tls: {cert: '" + pem + "'}}"))
                .containsExactly(
                        "http.tls.key: not set (expected: a PEM file, as the other one is set)");
        assertThat(problems(KEY + "http: {tls: {http3: true}}"))
                .containsExactly(
                        "http.tls.http3: true (expected: false, as http.tls.cert is not set)");
        String files = "cert: pom.xml, key: pom.xml, http3: true";
        assertThat(problems(KEY + "http: {port: 0, tls: {" + files + "}}"))
                .containsExactly(
                        "http.port: 0 (expected: a port, as HTTP/3 needs the same one for TCP and"
                                + " UDP)");
        assertThat(
                        load(KEY + "http: {tls: {cert: '" + pem + "', key: '" + pem + "'}}")
                                .http()
                                .tls())
                .isEqualTo(new Config.Tls(pem, pem, 10_000, false));
    }

    @Test
    void refusesARuleThatAnEarlierOneHides() {
        assertThat(problems(KEY + "channels: {'*': {}, 'chat:*': {}}"))
                .containsExactly(
                        "channels.\"chat:*\": never used, as \"*\" stands before it (expected: the"
                                + " narrower pattern first)");
    }

    @Test
    void keepsTheOrderOfTheRulesAndEndsWithOneForAllChannels() {
        Config config = load(KEY + "channels: {'z:*': {}, 'm': {}, 'a:*': {presence: true}}");

        assertThat(config.channels().stream().map(rule -> rule.pattern().text()))
                .containsExactly("z:*", "m", "a:*", "*");
    }

    @Test
    void makesAKeyInDevelopmentAndKeepsIt() throws IOException {
        Config first = load("development: true");
        Config second = load("development: true\nauth: {keys: [{id: a, algorithm: HS256}]}");

        Path file = directory.resolve("data/dev-key");
        assertThat(first.auth().keys()).hasSize(1).isEqualTo(second.auth().keys());
        assertThat(first.auth().keys().get(0).secret())
                .isEqualTo(Files.readString(file).strip())
                .hasSize(43);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (var files = Files.list(file.getParent())) {
            assertThat(files).containsExactly(file);
        }
    }

    @Test
    void refusesADevelopmentKeyThatOthersMayRead() throws IOException {
        Config unused = load("development: true");
        Path file = directory.resolve("data/dev-key");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(problems("development: true")).singleElement().asString().contains("chmod 600");
    }

    @Test
    void makesNoKeyWhereOneIsConfigured() {
        assertThat(load(KEY + "development: true").auth().keys())
                .containsExactly(KeyOptions.hs256("main", SECRET + "0"));
        assertThat(directory.resolve("data")).doesNotExist();
    }

    @Test
    void keepsDevelopmentOnThisMachine() {
        for (String host :
                List.of("0.0.0.0", "::", "192.168.1.7", "hub.example", "127.0.0.1.nip")) {
            assertThat(problems("development: true\nhttp: {host: '" + host + "'}"))
                    .singleElement()
                    .asString()
                    .startsWith("http.host: \"" + host + "\" (expected: 127.0.0.1, ::1 or");
        }
        for (String host : List.of("127.0.0.1", "127.1.2.3", "::1", "localhost")) {
            assertThat(load("development: true\nhttp: {host: '" + host + "'}").http().host())
                    .isEqualTo(host);
        }
    }

    @Test
    void putsSettingsOverTheFile() {
        Config config =
                load(
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
        assertThat(problems(KEY, "http.port"))
                .singleElement()
                .asString()
                .startsWith("--set: \"http.port\" (expected: path=value");
        for (String set : List.of("=1", ".a=1", "a..b=1", "a[=1", "a[x]=1", "[0]=1", "a b=1")) {
            assertThat(problems(KEY, set)).as(set).hasSize(1);
        }
        assertThat(problems(KEY, "http.prot=1"))
                .containsExactly("http.prot: unknown key (did you mean http.port?)");
        assertThat(problems(KEY, "http.port=[")).hasSize(1);
        assertThat(problems(KEY, "auth.keys[5].id=x")).hasSize(1);
        assertThat(problems(KEY, "http.port.deep=1")).hasSize(1);
        assertThat(problems(KEY, "http[0]=1")).hasSize(1);
    }

    @Test
    void refusesFilesThatAreNoConfiguration() throws IOException {
        assertThat(problems("http: [")).singleElement().asString().contains("no YAML", "line 1");
        assertThat(problems("just text")).singleElement().asString().contains("expected: sections");
        assertThat(problems("http: {port: 1}\nhttp: {port: 2}\n"))
                .singleElement()
                .asString()
                .contains("duplicate key http");
        assertThat(problems("a: !!javax.script.ScriptEngineManager []")).hasSize(1);
        ConfigException absent =
                catchThrowableOfType(
                        ConfigException.class,
                        () -> ConfigLoader.load(directory.resolve("absent.yaml"), List.of()));
        assertThat(absent).hasMessageContaining("absent.yaml").hasMessageContaining("--config");
    }

    private Config load(String yaml, String... sets) {
        try {
            Path file = Files.writeString(directory.resolve("anabranch.yaml"), yaml);
            return ConfigLoader.load(file, List.of(sets), directory.resolve("data"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private List<String> problems(String yaml, String... sets) {
        ConfigException refused =
                catchThrowableOfType(ConfigException.class, () -> load(yaml, sets));
        assertThat(refused).as(yaml + List.of(sets)).isNotNull();
        return refused.problems();
    }
}
