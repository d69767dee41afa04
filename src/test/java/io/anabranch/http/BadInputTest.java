package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonObject;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What is wrong is refused in the same form everywhere, and touches nobody else. */
class BadInputTest {
    private static final String JSON = "application/json";
    private static final String CHAT = "/api/v1/channels/chat:a/messages";

    @RegisterExtension final TestHub hub = new TestHub();

    private SseReader neighbour;

    @BeforeEach
    void aNeighbourListensToEverything() throws Exception {
        neighbour = new SseReader(hub, "/sse?channel=*", hub.token("neighbour"));
        neighbour.next();
    }

    @AfterEach
    void theNeighbourSawNothingButWhatWasPublishedWell() throws Exception {
        String id = rest().publish("well:done", "1");
        assertThat(neighbour.message().id()).isEqualTo(id);
        neighbour.close();
    }

    @Test
    void channelsOutOfTheGrammar() throws Exception {
        String expected = "expected: 1 to 255 characters of A-Z";
        for (String channel :
                List.of(
                        "a%20b",
                        "a*", "a+b", "a%00", "caf%C3%A9", "%FF", "a%3Fb", "c".repeat(300))) {
            refused(400, "bad_request", rest().post(channel, JSON, "1"), "channel: ", expected);
            String path = "/api/v1/channels/" + channel + "/messages";
            refused(400, "bad_request", rest().get(path), "channel: ", expected);
        }
        refused(400, "bad_request", sse("channel=a%20b"), "channel: ", expected);
        refused(400, "bad_request", sse("channel=*a"), "channel: ", expected);
        refused(400, "bad_request", sse("channel=" + "c".repeat(300)), expected);
        refused(400, "bad_request", sse(""), "channel: missing", "expected: one or more");
        refused(400, "bad_request", sse("channel=a&".repeat(3) + many(129)), "at most 128");
    }

    @Test
    void eventsOutOfTheGrammar() throws Exception {
        for (String event : List.of("a%0Ab", "a%0D", "%00", "%7F", "%C2%85", "%E2%80%A8")) {
            String expected = "expected: at most 255 characters, no control characters";
            refused(400, "bad_request", publish("event=" + event), "event: ", expected);
        }
        refused(400, "bad_request", publish("event=" + "e".repeat(256)), "at most 255 characters");
        refused(400, "bad_request", publish("event=hub.ready"), "does not begin with hub.");
    }

    @Test
    void idsOfAnotherShape() throws Exception {
        for (String id : List.of("1042", "k4x9", "K4X9-1", "k4x9-01", "k4x9-", "a%0Ab", "k-1")) {
            String expected = "expected: an id as the hub gave it, such as k4x9-1042";
            refused(400, "bad_request", rest().get(CHAT + "?after=" + id), "after: ", expected);
            refused(400, "bad_request", rest().get(CHAT + "?before=" + id), "before: ", expected);
            refused(400, "bad_request", sse("channel=a&after=" + id), "after: ", expected);
        }
        var header = rest().get("/sse?channel=a", "Last-Event-ID", "yesterday");
        refused(400, "bad_request", header, "Last-Event-ID: \"yesterday\"");
        refused(400, "bad_request", rest().get(CHAT + "?before=earliest"), "before: ");
    }

    @Test
    void numbersOutOfTheirRange() throws Exception {
        for (String limit : List.of("-1", "0", "1e2", "ten", "99999999999")) {
            String expected = "expected: a whole number from 1 to 1000";
            refused(400, "bad_request", rest().get(CHAT + "?limit=" + limit), "limit: ", expected);
        }
        refused(400, "bad_request", rest().get(CHAT + "?limit=1001"), "limit: 1001", "most 1000");
        refused(400, "bad_request", sse("channel=a&last=-1"), "last: \"-1\"", "from 0 to 1000");
        refused(400, "bad_request", sse("channel=a&conflate=60001"), "from 0 to 60000");
        refused(400, "bad_request", sse("channel=a&envelope=yes"), "expected: true or false");
        refused(400, "bad_request", sse("channel=a&client=short"), "8 to 64 characters");
    }

    @Test
    void jsonThatIsNone() throws Exception {
        for (String body :
                List.of("", "{", "{\"a\":}", "hi", "1 2", "[1,", "{\"a\":1}}", "\"\n\"")) {
            refused(400, "bad_request", rest().post("chat:a", JSON, body), "");
        }
        for (String body : List.of("", "{}", "1", "[1", "[] []", "null")) {
            refused(400, "bad_request", rest().send("/api/v1/messages", JSON, body), "");
        }
        refused(400, "bad_request", raw("POST", CHAT, JSON, "\"\u00ff\""), "UTF-8");
        refused(400, "bad_request", raw("POST", CHAT, "text/plain", "\u00ff"), "UTF-8");
    }

    @Test
    void aRequestWithoutABody() throws Exception {
        refused(400, "bad_request", raw("POST", CHAT, JSON, ""), "expected: a JSON value");
        String expected = "expected: application/json or text/plain";
        refused(415, "unsupported_media_type", raw("POST", CHAT, "", ""), expected);
    }

    @Test
    void contentTypesThatAreNotTaken() throws Exception {
        for (String type : List.of("", "image/png", "application/x-ndjson", "text/html", ";")) {
            String expected = "expected: application/json or text/plain";
            var response = rest().post("chat:a", type, "1");
            refused(415, "unsupported_media_type", response, "Content-Type: ", expected);
        }
        var batch = rest().send("/api/v1/messages", "text/plain", "[]");
        refused(415, "unsupported_media_type", batch, "application/x-ndjson");
        var stream = rest().get("/sse?channel=a", "Accept", "application/json");
        refused(406, "not_acceptable", stream, "expected: text/event-stream");
    }

    @Test
    void bodiesThatAreTooLarge() throws Exception {
        String most = "\"" + "x".repeat(64 * 1024 - 2) + "\"";
        String more = "\"" + "x".repeat(64 * 1024 - 1) + "\"";
        refused(413, "too_large", rest().post("chat:a", JSON, more), "at most 65536 bytes");
        refused(413, "too_large", rest().post("chat:a", JSON, "9".repeat(1 << 20)), "65536");
        String quotes = "\"".repeat(40_000);
        refused(413, "too_large", rest().post("chat:a", "text/plain", quotes), "at most 65536");
        String array = "[" + "1,".repeat(3 << 20) + "1]";
        refused(413, "too_large", rest().send("/api/v1/messages", JSON, array), "at most 4194304");
        String id = rest().publish("chat:a", most);
        assertThat(neighbour.message().id()).isEqualTo(id);
    }

    @Test
    void deduplicationKeysThatAreTooLong() throws Exception {
        var response = rest().post("chat:a", JSON, "1", "Idempotency-Key", "k".repeat(256));
        refused(400, "bad_request", response, "1 to 255 characters");
    }

    @Test
    void tokensThatAreMissingBrokenOrUnsigned() throws Exception {
        String good = hub.token("alice");
        String[] parts = good.split("\\.");
        String none = base64("{\"alg\":\"none\",\"typ\":\"JWT\"}") + "." + parts[1] + ".";
        String changed = parts[0] + "." + base64("{\"sub\":\"root\",\"exp\":4102444800}");
        for (String token :
                List.of("nope", "a.b.c", none, changed + "." + parts[2], parts[0] + "..", "…")) {
            for (String path : List.of(CHAT, "/sse?channel=chat:a", "/api/v1/nothing")) {
                var response = raw("GET", path, "", "", "Authorization: Bearer " + token);
                refused(401, "unauthorized", response, "");
            }
        }
        Rest nobody = new Rest(hub, "");
        refused(401, "unauthorized", nobody.post("chat:a", JSON, "1"), "chat:a without a token");
        refused(401, "unauthorized", nobody.get(CHAT), "chat:a without a token");
        refused(401, "unauthorized", nobody.get("/sse?channel=chat:a"), "chat:a");
        refused(401, "unauthorized", nobody.send("/api/v1/tickets", "", ""), "expected: Auth");
        refused(401, "unauthorized", nobody.get("/sse?channel=a&ticket=nope"), "expected: a fresh");
        assertThat(nobody.get(CHAT).headers().firstValue("WWW-Authenticate")).hasValue("Bearer");
    }

    @Test
    void channelsThatATokenDoesNotGrant() throws Exception {
        List<String> chat = List.of("chat:*");
        Rest bob = new Rest(hub, hub.token("bob", chat, chat, Duration.ofMinutes(1)));
        refused(403, "forbidden", bob.post("game:a", JSON, "1"), "no publish", "game:a");
        refused(403, "forbidden", bob.get("/api/v1/channels/game:a/messages"), "game:a");
        refused(403, "forbidden", bob.get("/sse?channel=chat:a&channel=*&channel=b"), "*, b");
    }

    @Test
    void routesAndMethodsThatAreNotThere() throws Exception {
        for (String path :
                List.of("/nothing", "/api/v1/nothing", "/api/v1/channels/a", "/sse/a", "/")) {
            refused(404, "not_found", rest().get(path), "/openapi.yaml");
        }
        for (String path : List.of(CHAT, "/api/v1/messages", "/api/v1/tickets", "/sse", "/ws")) {
            refused(405, "method_not_allowed", raw("DELETE", path, "", ""), "/openapi.yaml");
        }
        refused(405, "method_not_allowed", rest().get("/api/v1/messages"), "/openapi.yaml");
        refused(405, "method_not_allowed", rest().send("/health/live", "", ""), "/openapi.yaml");
        refused(400, "bad_request", rest().get("/ws?channel=a"), "expected: an upgrade");
    }

    @Test
    void urlsThatCannotBeDecoded() throws Exception {
        for (String path :
                List.of("/sse?channel=%zz", CHAT + "?limit=%", "/api/v1/channels/%zz/messages")) {
            refused(400, "bad_request", raw("GET", path, "", ""), "expected: a URL");
        }
        for (String path : List.of(CHAT + "?event=%zz", "/api/v1/services/%zz")) {
            refused(400, "bad_request", raw("POST", path, JSON, "1"), "expected: a URL");
        }
    }

    @Test
    void whatIsNoHttp() throws Exception {
        for (String text :
                List.of("NOT A REQUEST", "GET", "\u0016\u0003\u0001\u0002", "{\"a\":1}")) {
            refused(400, "bad_request", raw(text + "\r\n\r\n"), "malformed HTTP", "HTTP/1.1");
        }
        String badHeader = "GET /health/live HTTP/1.1\r\nHost: a\r\nBad Name: 1\r\n\r\n";
        refused(400, "bad_request", raw(badHeader), "malformed HTTP");
    }

    @Test
    void aBodyThatBreaksOff() throws Exception {
        String head =
                "POST "
                        + CHAT
                        + " HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\n"
                        + "Transfer-Encoding: chunked\r\nAuthorization: Bearer "
                        + hub.token("alice")
                        + "\r\n\r\n";
        for (String chunks : List.of("zz\r\n", "-1\r\n", "1\r\n[\r\nx\r\n")) {
            refused(400, "bad_request", raw(head + chunks), "body: malformed");
        }
    }

    @Test
    void aRequestWithoutAHost() throws Exception {
        String text = "GET /sse?channel=a HTTP/1.1\r\nConnection: close\r\n\r\n";
        refused(400, "bad_request", raw(text), "Host", "expected: Host: name[:port]");
    }

    @Test
    void urlsAndHeadersThatAreTooLong() throws Exception {
        String url = "GET /" + "a".repeat(8_200) + " HTTP/1.1\r\nHost: a\r\n\r\n";
        refused(400, "bad_request", raw(url), "URL: too long", "at most 8192 bytes");
        String head = "GET / HTTP/1.1\r\nHost: a\r\nA: " + "b".repeat(16_400) + "\r\n\r\n";
        refused(400, "bad_request", raw(head), "headers: too long", "at most 16384 bytes");
    }

    private static void refused(
            int status, String code, HttpResponse<String> response, String... parts) {
        String type = response.headers().firstValue("Content-Type").orElse("");
        refused(status, code, new Answer(response.statusCode(), type, response.body()), parts);
    }

    private static void refused(int status, String code, Answer answer, String... parts) {
        assertThat(answer.status()).as(answer.body()).isEqualTo(status);
        assertThat(answer.type()).isEqualTo("application/problem+json");
        JsonObject problem = new JsonObject(answer.body());
        assertThat(problem.getInteger("status")).isEqualTo(status);
        assertThat(problem.getString("code")).isEqualTo(code);
        assertThat(problem.getString("title")).isNotBlank();
        assertThat(problem.getString("message")).isNotBlank().contains(parts);
        assertThat(answer.body())
                .doesNotContain(
                        "Exception", "io.vertx", "io.netty", "io.anabranch", "java.", "\\tat ")
                .doesNotContainPattern("[A-Za-z]+\\.java:\\d+");
    }

    private record Answer(int status, String type, String body) {}

    private Answer raw(String method, String path, String type, String body) throws Exception {
        return raw(method, path, type, body, "Authorization: Bearer " + hub.token("alice"));
    }

    /** A request byte for byte: each character of {@code body} is one. */
    private Answer raw(String method, String path, String type, String body, String authorization)
            throws Exception {
        String contentType = type.isEmpty() ? "" : "Content-Type: " + type + "\r\n";
        String length = body.isEmpty() ? "" : "Content-Length: " + body.length() + "\r\n";
        String head = method + " " + path + " HTTP/1.1\r\nHost: hub\r\nConnection: close\r\n";
        return raw(head + authorization + "\r\n" + contentType + length + "\r\n" + body);
    }

    private Answer raw(String bytes) throws Exception {
        try (Socket socket = new Socket("127.0.0.1", hub.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
            byte[] read = socket.getInputStream().readAllBytes();
            String answer = new String(read, StandardCharsets.UTF_8);
            assertThat(answer).startsWith("HTTP/1.");
            int end = answer.indexOf("\r\n\r\n");
            int type = answer.toLowerCase(java.util.Locale.ROOT).indexOf("content-type: ") + 14;
            return new Answer(
                    Integer.parseInt(answer.substring(9, 12)),
                    answer.substring(type, answer.indexOf("\r\n", type)),
                    answer.substring(end + 4));
        }
    }

    private Rest rest() {
        return new Rest(hub, hub.token("alice"));
    }

    private HttpResponse<String> sse(String query) throws Exception {
        return rest().get("/sse?" + query);
    }

    private HttpResponse<String> publish(String query) throws Exception {
        return rest().send(CHAT + "?" + query, JSON, "1");
    }

    private static String many(int channels) {
        StringBuilder query = new StringBuilder();
        for (int i = 0; i < channels; i++) {
            query.append("channel=c").append(i).append('&');
        }
        return query.toString();
    }

    private static String base64(String json) {
        return Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }
}
