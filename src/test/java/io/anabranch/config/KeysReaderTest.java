package io.anabranch.config;

import static io.anabranch.config.ConfigFiles.KEY;
import static io.anabranch.config.ConfigFiles.SECRET;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.auth.Algorithm;
import io.anabranch.auth.KeyOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeysReaderTest {
    @TempDir Path directory;
    private ConfigFiles files;

    @BeforeEach
    void setUp() {
        files = new ConfigFiles(directory);
    }

    @Test
    void refusesToDoWithoutAKeyAndSaysHowToMakeOne() {
        assertThat(files.problems("")).singleElement().asString().startsWith("auth.keys: none");
        assertThat(files.problems("").get(0)).contains("openssl rand -base64 32");
        assertThat(files.problems("auth: {keys: [{id: main, algorithm: HS256, secret: }]}"))
                .containsExactly(
                        "auth.keys[0].secret: not set (expected: text in quotes, at least 32"
                                + " bytes)");
        assertThat(files.problems("auth: {keys: [{algorithm: RS256}, {id: b}, ]}"))
                .anyMatch(line -> line.startsWith("auth.keys[0].id: not set"))
                .anyMatch(line -> line.startsWith("auth.keys[1].algorithm: not set"));
    }

    @Test
    void refusesKeysThatDoNotFitTheirAlgorithm() {
        assertThat(
                        files.problems(
                                "auth: {keys: [{id: a, algorithm: RS256, publicKey: absent.pem}]}"))
                .singleElement()
                .asString()
                .startsWith("auth.keys[0].publicKey: \"absent.pem\" (expected: a PEM file");
        assertThat(files.problems("auth: {keys: [{id: a, algorithm: ES256}]}"))
                .containsExactly("auth.keys[0].publicKey: not set (expected: a PEM file)");
        assertThat(files.problems(KEY.replace("}]", ", publicKey: a.pem}]")))
                .containsExactly(
                        "auth.keys[0].publicKey: set (expected: no publicKey: HS256 has a"
                                + " secret)");
        assertThat(
                        files.problems(
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
                files.load(
                        "auth: {keys: [{id: login, algorithm: EdDSA, publicKey: '" + pem + "'}]}");

        assertThat(config.auth().keys())
                .containsExactly(KeyOptions.ofPublicKey("login", Algorithm.EDDSA, pem));
    }

    @Test
    void makesAKeyInDevelopmentAndKeepsIt() throws IOException {
        Config first = files.load("development: true");
        Config second = files.load("development: true\nauth: {keys: [{id: a, algorithm: HS256}]}");

        Path file = directory.resolve("data/dev-key");
        assertThat(first.auth().keys()).hasSize(1).isEqualTo(second.auth().keys());
        assertThat(first.auth().keys().get(0).secret())
                .isEqualTo(Files.readString(file).strip())
                .hasSize(43);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (var beside = Files.list(file.getParent())) {
            assertThat(beside).containsExactly(file);
        }
    }

    @Test
    void refusesADevelopmentKeyThatOthersMayRead() throws IOException {
        Config unused = files.load("development: true");
        Path file = directory.resolve("data/dev-key");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(files.problems("development: true"))
                .singleElement()
                .asString()
                .contains("chmod 600");
    }

    @Test
    void makesNoKeyWhereOneIsConfigured() {
        assertThat(files.load(KEY + "development: true").auth().keys())
                .containsExactly(KeyOptions.hs256("main", SECRET + "0"));
        assertThat(directory.resolve("data")).doesNotExist();
    }
}
