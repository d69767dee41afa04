package io.anabranch.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.auth.AuthOptions;
import io.anabranch.auth.JwksOptions;
import io.anabranch.auth.TokenRules;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AuthReaderTest {
    private static final String JWKS = "auth.jwks.url=https://a.example/jwks";

    @TempDir Path directory;

    @Test
    void takesTheKeysOfAnIssuerInPlaceOfItsOwn() {
        AuthOptions auth =
                load(
                        JWKS,
                        "auth.jwks.refresh=1h",
                        "auth.tokenType=at+jwt",
                        "auth.leeway=1s",
                        "auth.cookie=__Host-token");

        assertThat(auth.keys()).isEmpty();
        assertThat(auth.jwks())
                .isEqualTo(new JwksOptions(URI.create("https://a.example/jwks"), 3_600_000, 5_000));
        assertThat(auth.rules()).isEqualTo(new TokenRules(null, null, "at+jwt", 1_000, 0));
        assertThat(auth.cookie()).isEqualTo("__Host-token");
    }

    @Test
    void asksForNothingThatIsNotWritten() {
        AuthOptions auth = load(JWKS);

        assertThat(auth.rules()).isEqualTo(TokenRules.ANY);
        assertThat(auth.cookie()).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://login.example/jwks",
                "http://127.0.0.1.example/jwks",
                "file:///jwks.json",
                "ftp://a.example/",
                "https:jwks",
                "https:///jwks",
                "https://me@a.example/jwks",
                "https://a.example/#jwks",
                "jwks.json",
                "http://localhost.evil/jwks"
            })
    void takesTheKeysOfAnIssuerFromAProtectedAddressAlone(String url) {
        assertThat(problems("auth.jwks.url=" + url))
                .anyMatch(
                        problem ->
                                problem.startsWith("auth.jwks.url: \"" + url + "\" (expected: an")
                                        && problem.contains("https address"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://localhost:1/jwks",
                "http://127.0.0.2/",
                "http://[::1]:8080/a?b=c",
                "https://a.example"
            })
    void takesTheKeysOfAnIssuerFromHttpsOrLoopback(String url) {
        JwksOptions jwks = load("auth.jwks.url=" + url).jwks();

        assertThat(jwks).isEqualTo(new JwksOptions(URI.create(url), 600_000, 5_000));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", "a=b", "a;b", "\u00fc"})
    void refusesWhatIsNoNameOfACookie(String name) {
        assertThat(problems(JWKS, "auth.cookie=" + name))
                .singleElement()
                .asString()
                .contains("auth.cookie", "expected: a cookie's name such as __Host-token");
    }

    private AuthOptions load(String... sets) {
        return new ConfigFiles(directory).load("{}", sets).auth();
    }

    private List<String> problems(String... sets) {
        return new ConfigFiles(directory).problems("{}", sets);
    }
}
