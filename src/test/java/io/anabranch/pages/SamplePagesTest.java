package io.anabranch.pages;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.anabranch.docs.Sample;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pages that the documentation shows, in a browser: they list what is said in the lobby. */
@Tag("browser")
class SamplePagesTest {
    private static volatile String html = "";
    private static final HttpServer SITE = site();

    @Order(1)
    @RegisterExtension
    static final TestHub hub =
            new TestHub().anonymous(List.of("chat:*"), List.of()).origins(origin());

    @Order(2)
    @RegisterExtension
    static final Chromium chromium = new Chromium(hub);

    static Stream<Sample> pages() throws Exception {
        return Sample.all().stream().filter(sample -> sample.language().equals("html"));
    }

    @ParameterizedTest
    @MethodSource("pages")
    void listsWhatIsSaid(Sample sample) throws Exception {
        new Rest(hub, hub.token("ann")).publish("chat:lobby", "{\"text\":\"hi\"}");
        html = sample.text().replace("8080", Integer.toString(hub.port()));
        Window window = chromium.open(origin() + "/sample.html");
        assertThat(window.find("li")).hasText("hi");
    }

    /** Somebody else's site, which has the sample as its page. */
    private static HttpServer site() {
        try {
            HttpServer site = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
            site.createContext("/", SamplePagesTest::answer);
            site.start();
            return site;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] page = html.getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/html; charset=utf-8");
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
        }
    }

    private static String origin() {
        return "http://127.0.0.1:" + SITE.getAddress().getPort();
    }

    @AfterAll
    static void stop() {
        SITE.stop(0);
    }
}
