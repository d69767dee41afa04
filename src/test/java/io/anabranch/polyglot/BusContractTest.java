package io.anabranch.polyglot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.anabranch.auth.Grants;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.EventBus;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.MessageConsumer;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What verticles are asked, told and answered over the event bus, beside a real hub. */
class BusContractTest {
    private static final Duration SOON = Duration.ofSeconds(10);
    private static final String JSON = "application/json";

    @RegisterExtension
    final TestHub hub =
            new TestHub()
                    .before("asked:*", "moderate", 5_000)
                    .before("nobody:*", "nobody", 5_000)
                    .before("silent:*", "silent", 100)
                    .verticles(Moderator.class.getName(), Listener.class.getName());

    /** Does what the message's data says. */
    public static final class Moderator extends VerticleBase {
        @Override
        public Future<?> start() {
            vertx.eventBus().consumer("silent", message -> {});
            vertx.eventBus()
                    .<JsonObject>consumer(
                            "moderate",
                            message -> {
                                Object data = message.body().getValue("data");
                                if (data instanceof JsonObject wish && wish.containsKey("fail")) {
                                    message.fail(wish.getInteger("fail"), "not here");
                                } else if (data instanceof JsonObject wish) {
                                    message.reply(wish.getValue("reply"));
                                } else {
                                    message.reply(new JsonObject().put("data", message.body()));
                                }
                            });
            return Future.succeededFuture();
        }
    }

    /** Publishes on {@code heard:*} what it hears by the addresses that it is told to listen at. */
    public static final class Listener extends VerticleBase {
        @Override
        public Future<?> start() {
            EventBus bus = vertx.eventBus();
            bus.<JsonObject>consumer(
                    "service.listen",
                    request -> {
                        String address = request.body().getString("data");
                        MessageConsumer<JsonObject> consumer = bus.consumer(address);
                        consumer.handler(
                                message -> {
                                    JsonObject heard =
                                            new JsonObject()
                                                    .put(
                                                            "channel",
                                                            "heard:" + address.replace("*", "all"))
                                                    .put("data", message.body());
                                    bus.send("anabranch.publish", heard);
                                });
                        consumer.completion().onSuccess(unused -> request.reply(null));
                    });
            bus.<JsonObject>consumer(
                    "service.history",
                    request ->
                            bus.<JsonObject>request(
                                            "anabranch.history", request.body().getValue("data"))
                                    .onSuccess(page -> request.reply(page.body()))
                                    .onFailure(failure -> request.fail(400, failure.getMessage())));
            for (String what : List.of("publish", "history")) {
                bus.<JsonObject>consumer(
                        "service.asCaller." + what,
                        request ->
                                bus.<JsonObject>request(
                                                "anabranch." + what,
                                                request.body().getValue("data"),
                                                new DeliveryOptions().setHeaders(request.headers()))
                                        .onSuccess(answer -> request.reply(answer.body()))
                                        .onFailure(failure -> fail(request, failure)));
            }
            return Future.succeededFuture();
        }

        private static void fail(Message<JsonObject> request, Throwable failure) {
            request.fail(((ReplyException) failure).failureCode(), failure.getMessage());
        }
    }

    @Test
    void aHookIsToldOfTheMessageAndPutsAnotherInItsPlace() throws Exception {
        Rest rest = rest();
        rest.publish("asked:a", "1");
        assertThat(only("asked:a").getJsonObject("data"))
                .isEqualTo(
                        new JsonObject()
                                .put("channel", "asked:a")
                                .put("event", "message")
                                .put("data", 1)
                                .put("user", "alice"));
        publish("asked:b", "{\"reply\":{\"data\":[1.5],\"event\":\"other\"}}");
        assertThat(only("asked:b").getString("event")).isEqualTo("other");
        assertThat(only("asked:b").getJsonArray("data")).isEqualTo(new JsonArray("[1.5]"));
    }

    @Test
    void anEmptyReplyAcceptsAMessageAsItIs() throws Exception {
        for (String reply : List.of("null", "{}")) {
            String data = "{\"reply\":" + reply + "}";
            publish("asked:" + reply.length(), data);
            assertThat(only("asked:" + reply.length()).getJsonObject("data"))
                    .isEqualTo(new JsonObject(data));
        }
    }

    @Test
    void aHookRefusesWithAStatusOfItsOwnOverEveryTransport() throws Exception {
        for (int[] codes : new int[][] {{403, 403}, {409, 409}, {429, 429}, {500, 422}, {1, 422}}) {
            String data = "{\"fail\":" + codes[0] + "}";
            HttpResponse<String> response = rest().post("asked:no", JSON, data);
            assertThat(response.statusCode()).isEqualTo(codes[1]);
            assertThat(response.body()).contains("not here");
            try (var socket = new WsClient(hub, "/ws", hub.token("alice"))) {
                socket.next("ready");
                socket.send(
                        "{\"type\":\"publish\",\"ref\":1,\"channel\":\"asked:no\",\"data\":"
                                + data
                                + "}");
                assertThat(socket.next("error").getInteger("status")).isEqualTo(codes[1]);
            }
        }
        assertThat(rest().history("asked:no", "")).isEmpty();
    }

    @Test
    void whereNobodyAnswersInTimeNothingIsPublished() throws Exception {
        for (String channel : List.of("nobody:x", "silent:x")) {
            HttpResponse<String> response = rest().post(channel, JSON, "1");
            assertThat(response.statusCode()).isEqualTo(503);
            assertThat(response.headers().firstValue("Retry-After")).isPresent();
            assertThat(rest().history(channel, "")).isEmpty();
        }
    }

    @Test
    void consumersOfAChannelAndOfAPatternHearOfItsMessages() throws Exception {
        for (String address : List.of("anabranch.channel.a:b", "anabranch.channel.a:*")) {
            assertThat(call("listen", "\"" + address + "\"").statusCode()).isEqualTo(200);
        }
        publish("a:b", "1");
        publish("a:c", "2");
        publish("x:y", "3");
        String exact = "heard:anabranch.channel.a:b";
        await().atMost(SOON).until(() -> rest().history(exact, "").size() == 1);
        JsonObject heard = rest().history(exact, "").getJsonObject(0).getJsonObject("data");
        assertThat(heard).isEqualTo(only("a:b"));
        assertThat(heard.getString("type")).isEqualTo("message");
        String pattern = "heard:anabranch.channel.a:*".replace("*", "all");
        await().atMost(SOON).until(() -> rest().history(pattern, "").size() == 2);
    }

    @Test
    void aVerticleReadsAPageOfAChannelsPast() throws Exception {
        publish("past", "1");
        publish("past", "2");
        HttpResponse<String> page = call("history", "{\"channel\":\"past\",\"limit\":1}");
        JsonObject answer = new JsonObject(page.body()).getJsonObject("data");
        assertThat(answer.getJsonArray("messages")).hasSize(1);
        assertThat(answer.getBoolean("more")).isTrue();
        assertThat(call("history", "{\"channel\":\"a b\"}").statusCode()).isEqualTo(400);
        assertThat(call("history", "1").statusCode()).isEqualTo(400);
    }

    @Test
    void aVerticleIsHeldToWhatItsCallerMay() throws Exception {
        assertCallerIsHeld("asCaller.");
    }

    @Test
    void aScriptIsHeldToWhatItsCallerMay(@TempDir Path directory) throws Exception {
        Path script =
                Files.writeString(
                        directory.resolve("caller.js"),
                        """
                        for (const what of ['publish', 'history']) {
                          vertx.eventBus.consumer(`service.script.${what}`, async (message) => {
                            try {
                              const { headers, body } = message;
                              message.reply(await vertx.eventBus.request(
                                  `anabranch.${what}`, body.data, { headers }));
                            } catch (error) {
                              message.fail(error.code, error.message);
                            }
                          });
                        }
                        """);
        hub.stop();
        hub.verticles(script.toString());
        hub.start();
        assertCallerIsHeld("script.");
    }

    private void assertCallerIsHeld(String service) throws Exception {
        assertThat(call(service + "publish", "{\"channel\":\"mine\",\"data\":1,\"user\":\"eve\"}"))
                .extracting(HttpResponse::statusCode)
                .isEqualTo(200);
        assertThat(only("mine").getString("user")).isEqualTo("alice");
        HttpResponse<String> refused =
                call(service + "publish", "{\"channel\":\"theirs\",\"data\":1}");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("no publish permission for theirs");
        assertThat(rest().history("theirs", "")).isEmpty();
        assertThat(call(service + "history", "{\"channel\":\"mine\"}").body()).contains("alice");
        assertThat(call(service + "history", "{\"channel\":\"theirs\"}").statusCode())
                .isEqualTo(403);
    }

    private JsonObject only(String channel) throws Exception {
        JsonArray messages = rest().history(channel, "");
        assertThat(messages).hasSize(1);
        return messages.getJsonObject(0);
    }

    private void publish(String channel, String data) throws Exception {
        rest().publish(channel, data);
    }

    private HttpResponse<String> call(String service, String data) throws Exception {
        var grants = new Grants(List.of("mine"), List.of("mine"), List.of(), List.of("*"), false);
        return new Rest(hub, hub.token("alice", grants, Duration.ofMinutes(5)))
                .send("/api/v1/services/" + service, JSON, data);
    }

    private Rest rest() {
        return new Rest(hub, hub.token("alice"));
    }
}
