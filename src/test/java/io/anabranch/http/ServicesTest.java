package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.auth.Grants;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.Message;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Calls over both transports reach the verticle behind the bus address, and its answer comes back.
 */
class ServicesTest {
    private static final String JSON = "application/json";

    @RegisterExtension
    final TestHub hub =
            new TestHub().verticles(Desk.class.getName()).maxMessage(2_000).serviceTimeout(1_500);

    /** Services that show what they were asked, and those that go wrong in each way there is. */
    public static final class Desk extends VerticleBase {
        @Override
        public Future<?> start() {
            serve("desk.asked", request -> request.reply(request.body()));
            serve("desk.echo", request -> request.reply(request.body().getValue("data")));
            serve(
                    "desk.fail",
                    request -> {
                        JsonObject how = request.body().getJsonObject("data");
                        request.fail(how.getInteger("code"), how.getString("message"));
                    });
            serve("desk.silent", request -> {});
            serve("desk.noJson", request -> request.reply(new Random()));
            serve("desk/two//parts", request -> request.reply("parts"));
            return Future.succeededFuture();
        }

        private void serve(String name, Handler<Message<JsonObject>> handler) {
            vertx.eventBus().consumer("service." + name, handler);
        }
    }

    @Test
    void aServiceIsToldWhatIsAskedAndByWhom() throws Exception {
        JsonObject overRest =
                new JsonObject(post("desk.asked", "{\"book\":3}").body()).getJsonObject("data");
        assertThat(overRest)
                .isEqualTo(new JsonObject("{\"data\":{\"book\":3},\"user\":\"alice\"}"));

        try (var socket = new WsClient(hub, "/ws", token("desk.*"))) {
            String session = socket.next("ready").getString("session");
            socket.send(
                    "{\"type\":\"call\",\"ref\":7,\"service\":\"desk.asked\",\"data\":{\"book\":3}}");
            JsonObject ok = socket.next();
            assertThat(ok.getString("type")).isEqualTo("ok");
            assertThat(ok.getInteger("ref")).isEqualTo(7);
            assertThat(ok.getJsonObject("data")).isEqualTo(overRest.copy().put("session", session));
        }
    }

    @Test
    void anyJsonValueIsAskedAndAnswered() throws Exception {
        List<String> values =
                List.of(
                        "{\"a\":[1,{}]}",
                        "[]",
                        "\"✓\"",
                        "-1.5",
                        "9007199254740993",
                        "true",
                        "null");
        try (var socket = new WsClient(hub, "/ws", token("desk.*"))) {
            socket.next("ready");
            for (String value : values) {
                JsonObject expected = new JsonObject("{\"data\":" + value + "}");
                HttpResponse<String> response = post("desk.echo", value);
                assertThat(response.statusCode()).isEqualTo(200);
                assertThat(new JsonObject(response.body())).isEqualTo(expected);
                JsonObject ok = ask(socket, "desk.echo", value);
                assertThat(ok.containsKey("data")).isTrue();
                assertThat(ok.getValue("data")).isEqualTo(expected.getValue("data"));
            }
        }
    }

    @Test
    void whatIsLeftOutIsNull() throws Exception {
        JsonObject nothing = new JsonObject().putNull("data");
        Rest rest = rest(token("desk.*"));
        for (String type : List.of("", JSON)) {
            HttpResponse<String> response = rest.send("/api/v1/services/desk.echo", type, "");
            assertThat(new JsonObject(response.body())).isEqualTo(nothing);
        }
        try (var socket = new WsClient(hub, "/ws", token("desk.*"))) {
            socket.next("ready");
            socket.send("{\"type\":\"call\",\"service\":\"desk.echo\"}");
            assertThat(socket.next()).isEqualTo(nothing.copy().put("type", "ok"));
        }
    }

    @Test
    void theNameIsTakenAsItIsSent() throws Exception {
        for (String path : List.of("desk/two//parts", "desk%2Ftwo%2F%2Fparts")) {
            assertThat(rest(token("*")).send("/api/v1/services/" + path, JSON, "1").body())
                    .isEqualTo("{\"data\":\"parts\"}");
        }
    }

    @Test
    void whoMayNotCallIsRefused() throws Exception {
        assertRefused(token("other.*"), "desk.echo", "1", 403, "forbidden", "call permission");
        assertRefused(token("desk.ech"), "desk.echo", "1", 403, "forbidden", "desk.echo");
        assertRefused("", "desk.echo", "1", 401, "unauthorized", "without a token");
        assertThat(rest("no.good.token").send("/api/v1/services/desk.echo", JSON, "1").statusCode())
                .isEqualTo(401);
    }

    @Test
    void whoMayNotCallDoesNotLearnWhatThereIs() throws Exception {
        assertRefused(token("other.*"), "nobody", "1", 403, "forbidden", "nobody");
    }

    @Test
    void visitorsMayCallWhatTheConfigurationGrantsThem() throws Exception {
        hub.stop();
        hub.anonymous(new Grants(List.of(), List.of(), List.of(), List.of("desk.a*"), false));
        hub.start();
        HttpResponse<String> response = rest("").send("/api/v1/services/desk.asked", JSON, "1");
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.body()).isEqualTo("{\"data\":{\"data\":1}}");
        assertRefused("", "desk.echo", "1", 401, "unauthorized", "desk.echo");
    }

    @Test
    void aServiceThatIsNotThereIsNotFound() throws Exception {
        assertRefused(token("*"), "nobody", "1", 404, "not_found", "nobody");
    }

    @Test
    void aServiceFailsWithItsOwnStatusAndMessage() throws Exception {
        Map<Integer, String> codes = new LinkedHashMap<>();
        codes.put(400, "bad_request");
        codes.put(403, "forbidden");
        codes.put(404, "not_found");
        codes.put(409, "conflict");
        codes.put(418, "unprocessable");
        codes.put(507, "storage_full");
        codes.put(599, "internal");
        for (Map.Entry<Integer, String> each : codes.entrySet()) {
            String how = "{\"code\":" + each.getKey() + ",\"message\":\"has no book 3\"}";
            assertRefused(
                    token("*"), "desk.fail", how, each.getKey(), each.getValue(), "has no book 3");
        }
    }

    @Test
    void aFailureCodeThatIsNoRefusalIsUnprocessable() throws Exception {
        for (int code : List.of(-1, 0, 1, 200, 399, 600)) {
            String how = "{\"code\":" + code + ",\"message\":\"odd\"}";
            assertRefused(token("*"), "desk.fail", how, 422, "unprocessable", "odd");
        }
        assertRefused(
                token("*"),
                "desk.fail",
                "{\"code\":-1}",
                422,
                "unprocessable",
                "desk.fail: failed");
    }

    @Test
    void aServiceThatIsSilentIsUnavailableAfterTheTimeOut() throws Exception {
        assertRefused(token("*"), "desk.silent", "1", 503, "unavailable", "no answer in 1500 ms");
        assertThat(post("desk.silent", "1").headers().firstValue("Retry-After")).isPresent();
    }

    @Test
    void anAnswerThatIsNoJsonIsTheServicesFailure() throws Exception {
        assertRefused(token("*"), "desk.noJson", "1", 500, "internal", "desk.noJson");
    }

    @Test
    void aCallThatIsMalformedIsRefused() throws Exception {
        Rest rest = rest(token("*"));
        String path = "/api/v1/services/desk.echo";
        assertThat(rest.send(path, JSON, "{broken").statusCode()).isEqualTo(400);
        assertThat(rest.send(path, JSON, "1 2").statusCode()).isEqualTo(400);
        assertThat(rest.send(path, "text/plain", "1").statusCode()).isEqualTo(415);
        assertThat(rest.send(path, "", "1").statusCode()).isEqualTo(415);
        assertThat(rest.send(path, JSON, text(2_001)).statusCode()).isEqualTo(413);
        assertThat(rest.send("/api/v1/services/a%20b", JSON, "1").statusCode()).isEqualTo(400);
        assertThat(rest.send("/api/v1/services/", JSON, "1").statusCode()).isEqualTo(404);
        assertThat(rest.get(path).statusCode()).isEqualTo(405);

        try (var socket = new WsClient(hub, "/ws", token("*"))) {
            socket.next("ready");
            assertError(ask(socket, "desk.echo", text(2_001)), 413, "too_large", "2001 bytes");
            assertError(ask(socket, "a b", "1"), 400, "bad_request", "service: \"a b\"");
            socket.send("{\"type\":\"call\",\"data\":1}");
            assertError(socket.next(), 400, "bad_request", "service: missing");
            assertThat(ask(socket, "desk.echo", text(2_000)).getString("type")).isEqualTo("ok");
        }
    }

    @Test
    void callsOfOneConnectionDoNotWaitForEachOther() throws Exception {
        try (var socket = new WsClient(hub, "/ws", token("*"))) {
            socket.next("ready");
            socket.send("{\"type\":\"call\",\"ref\":1,\"service\":\"desk.silent\"}");
            socket.send("{\"type\":\"call\",\"ref\":2,\"service\":\"desk.echo\"}");
            assertThat(socket.next().getInteger("ref")).isEqualTo(2);
            assertThat(socket.next().getInteger("ref")).isEqualTo(1);
        }
    }

    /** Both transports refuse alike. */
    private void assertRefused(
            String token, String service, String data, int status, String code, String says)
            throws Exception {
        HttpResponse<String> response = rest(token).send("/api/v1/services/" + service, JSON, data);
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type"))
                .hasValue("application/problem+json");
        assertError(new JsonObject(response.body()), status, code, says);
        try (var socket = new WsClient(hub, "/ws", token)) {
            socket.next("ready");
            JsonObject error = ask(socket, service, data);
            assertThat(error.getString("type")).isEqualTo("error");
            assertError(error, status, code, says);
        }
    }

    private static void assertError(JsonObject error, int status, String code, String says) {
        assertThat(error.getInteger("status")).isEqualTo(status);
        assertThat(error.getString("code")).isEqualTo(code);
        assertThat(error.getString("message")).contains(says);
    }

    private static JsonObject ask(WsClient socket, String service, String data) throws Exception {
        socket.send(
                "{\"type\":\"call\",\"ref\":1,\"service\":\""
                        + service
                        + "\",\"data\":"
                        + data
                        + "}");
        return socket.next();
    }

    private HttpResponse<String> post(String service, String data) throws Exception {
        return rest(token("*")).send("/api/v1/services/" + service, JSON, data);
    }

    private Rest rest(String token) {
        return new Rest(hub, token);
    }

    private String token(String calls) {
        Grants grants = new Grants(List.of(), List.of(), List.of(), List.of(calls), false);
        return hub.token("alice", grants, Duration.ofMinutes(5));
    }

    /** A JSON string of so many bytes. */
    private static String text(int bytes) {
        return '"' + "x".repeat(bytes - 2) + '"';
    }
}
