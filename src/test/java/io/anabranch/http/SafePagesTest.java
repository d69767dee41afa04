package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.Raw;
import io.anabranch.testing.Raw.Answer;
import io.anabranch.testing.TestHub;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What browsers are told, and what of the hub's files is nobody's business. */
class SafePagesTest {
    @RegisterExtension final TestHub hub = new TestHub().development();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/",
                "/demo/chat.html",
                "/style.css",
                "/webjars/chart.js/4.5.1/dist/chart.js",
                "/anabranch.js",
                "/openapi.yaml",
                "/health/live",
                "/nothing",
                "/%zz",
                "/api/v1/channels/a/messages",
                "/sse",
                "/ws"
            })
    void everyAnswerTellsTheBrowserWhatMayRun(String path) throws Exception {
        Answer answer = Raw.send(hub, "GET", path);

        assertThat(answer.header("Content-Security-Policy"))
                .singleElement()
                .asString()
                .contains(
                        "default-src 'self'",
                        "frame-ancestors 'none'",
                        "base-uri 'none'",
                        "object-src 'none'",
                        "form-action 'self'")
                .doesNotContain("unsafe", "*", "data:", "blob:");
        assertThat(answer.header("X-Content-Type-Options")).containsExactly("nosniff");
        assertThat(answer.header("Referrer-Policy")).containsExactly("no-referrer");
        assertThat(answer.header("Cross-Origin-Resource-Policy")).containsExactly("same-origin");
        assertThat(answer.header("Strict-Transport-Security")).isEmpty();
    }

    @Test
    void whatIsNoHttpIsAnsweredAsSafely() throws Exception {
        Answer answer = Raw.send(hub, "GET", "/", "Bad Name: 1");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("X-Content-Type-Options")).containsExactly("nosniff");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/../logback.xml",
                "/demo/../../logback.xml",
                "/%2e%2e/logback.xml",
                "/%2E%2E%2Flogback.xml",
                "/demo/%2e%2e/%2e%2e/logback.xml",
                "/..%2flogback.xml",
                "/%252e%252e/logback.xml",
                "/%252e%252e%252flogback.xml",
                "/..\\logback.xml",
                "/..%5clogback.xml",
                "/%2e%2e%5clogback.xml",
                "/demo\\..\\..\\logback.xml",
                "/..%c0%aflogback.xml",
                "/..;/logback.xml",
                "/.../logback.xml",
                "//logback.xml",
                "/./../logback.xml",
                "/%00/../logback.xml",
                "/../logback.xml%00.html",
                "/webjars/../../../logback.xml",
                "/webjars/%2e%2e/%2e%2e/%2e%2e/logback.xml",
                "/webjars/..%2f..%2f..%2flogback.xml",
                "/webjars/..%5c..%5c..%5clogback.xml",
                "/file:/etc/passwd",
                "//etc/passwd",
                "/%2fetc/passwd",
                "/../../../../../../../../../../etc/passwd",
                "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
            })
    void nothingOutsideOfThePagesIsServed(String path) throws Exception {
        Answer answer = Raw.send(hub, "GET", path);

        assertThat(answer.status()).isBetween(400, 404);
        assertThat(answer.body()).doesNotContain("<configuration", "root:");
    }

    @Test
    void theFilesThatAreAskedForAboveAreThere() {
        assertThat(getClass().getResource("/logback.xml")).isNotNull();
        assertThat(Path.of("/etc/passwd")).exists();
    }

    @Test
    void dotFilesAreNotServed() throws Exception {
        assertThat(Raw.send(hub, "GET", "/plain.txt").body()).contains("everybody's");
        for (String path :
                List.of("/.hidden", "/%2ehidden", "/.well/known.txt", "/%2Ewell/known.txt")) {
            assertThat(getClass().getResource("/webroot" + path.replaceAll("(?i)%2e", ".")))
                    .isNotNull();
            assertThat(Raw.send(hub, "GET", path).status()).as(path).isEqualTo(404);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"/demo", "/demo/", "/webjars", "/webjars/", "/webjars/chart.js/4.5.1/"})
    void directoriesAreNotListed(String path) throws Exception {
        for (String accept : List.of("text/html", "application/json", "text/plain")) {
            Answer answer = Raw.send(hub, "GET", path, "Accept: " + accept);
            assertThat(answer.body()).doesNotContain("chat.html", "chart.umd", "package.json");
            assertThat(answer.status()).isNotEqualTo(200);
        }
    }
}
