package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.SseReader.Block;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.InputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Publish, batch, history and tickets, as they are meant to be used. */
class RestTest {
    private static final String JSON = "application/json";
    private static final String NDJSON = "application/x-ndjson";

    @RegisterExtension final TestHub hub = new TestHub().retain("short:*", 3);

    @Test
    void publishAnswersTheIdOfTheMessage() throws Exception {
        HttpResponse<String> response = rest().post("chat:lobby", JSON, "{\"text\":\"hi\"}");
        assertThat(response.statusCode()).isEqualTo(201);
        assertThat(response.headers().firstValue("Content-Type")).hasValue(JSON);
        JsonObject published = new JsonObject(response.body());
        assertThat(published.getString("channel")).isEqualTo("chat:lobby");

        JsonObject message = rest().history("chat:lobby", "").getJsonObject(0);
        assertThat(message.getString("type")).isEqualTo("message");
        assertThat(message.getString("id")).isEqualTo(published.getString("id"));
        assertThat(message.getString("channel")).isEqualTo("chat:lobby");
        assertThat(message.getJsonObject("data")).isEqualTo(new JsonObject("{\"text\":\"hi\"}"));
        assertThat(message.getString("user")).isEqualTo("alice");
        assertThat(message.getLong("time")).isPositive();
        assertThat(message.containsKey("event")).isFalse();
        assertThat(message.containsKey("prev")).isFalse();
    }

    @Test
    void anyJsonValueIsDataAndKeepsItsSpelling() throws Exception {
        try (var stream = new SseReader(hub, "/sse?channel=chat:a", hub.token("bob"))) {
            stream.next();
            for (String json : List.of("1.50", "null", "true", "[ 1,2 ]", "{\"a\": 1e3}")) {
                rest().publish("chat:a", json);
                assertThat(stream.message().data()).isEqualTo(json);
            }
        }
    }

    @Test
    void plainTextIsPublishedAsAString() throws Exception {
        String text = "two lines,\nand a \"quote\" ✓";
        assertThat(rest().post("chat:a", "text/plain; charset=utf-8", text).statusCode())
                .isEqualTo(201);
        assertThat(rest().post("chat:a", "text/plain", "").statusCode()).isEqualTo(201);
        JsonArray messages = rest().history("chat:a", "");
        assertThat(messages.getJsonObject(0).getString("data")).isEqualTo(text);
        assertThat(messages.getJsonObject(1).getString("data")).isEmpty();
    }

    @Test
    void theEventIsNamedInTheQuery() throws Exception {
        String path = "/api/v1/channels/chat:a/messages?event=user%20left";
        assertThat(rest().send(path, JSON, "1").statusCode()).isEqualTo(201);
        assertThat(rest().history("chat:a", "").getJsonObject(0).getString("event"))
                .isEqualTo("user left");
    }

    @Test
    void aRepeatedIdempotencyKeyAnswersTheFirstIdAndDeliversNothing() throws Exception {
        try (var stream = new SseReader(hub, "/sse?channel=chat:*", hub.token("bob"))) {
            stream.next();
            var first = rest().post("chat:a", JSON, "1", "Idempotency-Key", "7c1e");
            var repeat = rest().post("chat:a", JSON, "2", "Idempotency-Key", "7c1e");
            assertThat(first.statusCode()).isEqualTo(201);
            assertThat(repeat.statusCode()).isEqualTo(200);
            assertThat(repeat.body()).isEqualTo(first.body());
            rest().publish("chat:a", "3");
            assertThat(stream.messages(2)).extracting(Block::data).containsExactly("1", "3");
        }
    }

    @Test
    void anIdempotencyKeyCountsForItsChannelAndUserAlone() throws Exception {
        Rest bob = new Rest(hub, hub.token("bob"));
        assertThat(rest().post("chat:a", JSON, "1", "Idempotency-Key", "k").statusCode())
                .isEqualTo(201);
        assertThat(rest().post("chat:b", JSON, "1", "Idempotency-Key", "k").statusCode())
                .isEqualTo(201);
        assertThat(bob.post("chat:a", JSON, "1", "Idempotency-Key", "k").statusCode())
                .isEqualTo(201);
    }

    @Test
    void channelsAreTakenRawAndPercentEncoded() throws Exception {
        List<String> paths =
                List.of("ns:a/b@c~d._-", "ns%3Aa%2Fb%40c%7Ed._-", "a//b", "a%2F%2Fb", "x/../y");
        List<String> channels = List.of("ns:a/b@c~d._-", "ns:a/b@c~d._-", "a//b", "a//b", "x/../y");
        for (int i = 0; i < paths.size(); i++) {
            HttpResponse<String> response = rest().post(paths.get(i), JSON, String.valueOf(i));
            assertThat(response.statusCode()).isEqualTo(201);
            assertThat(new JsonObject(response.body()).getString("channel"))
                    .isEqualTo(channels.get(i));
        }
        assertThat(rest().history("ns:a/b@c~d._-", "")).hasSize(2);
        assertThat(rest().history("a%2F%2Fb", "")).hasSize(2);
        assertThat(rest().history("a/b", "")).isEmpty();
        assertThat(rest().history("y", "")).isEmpty();
    }

    @Test
    void aChannelOf255CharactersIsTaken() throws Exception {
        assertThat(rest().post("c".repeat(255), JSON, "1").statusCode()).isEqualTo(201);
    }

    @Test
    void aBatchHasOneResultAnItemInOrder() throws Exception {
        String items =
                """
                [{"channel":"chat:a","data":1},
                 {"channel":"chat b","data":2},
                 {"channel":"chat:a"},
                 {"channel":"chat:a","event":"hub.x","data":3},
                 "none",
                 {"channel":"chat:a","data":4,"dedup":"d"},
                 {"channel":"chat:a","data":5,"dedup":"d"}]
                """;
        JsonArray results = batch(JSON, items);
        assertThat(statuses(results)).containsExactly(0, 400, 400, 400, 400, 0, 0);
        assertThat(results.getJsonObject(1).getString("code")).isEqualTo("bad_request");
        assertThat(results.getJsonObject(2).getString("message")).contains("data: missing");
        assertThat(results.getJsonObject(6)).isEqualTo(results.getJsonObject(5));
        assertThat(data(rest().history("chat:a", ""))).containsExactly(1, 4);
    }

    @Test
    void aBatchIsRefusedItemByItemWhereATokenGrantsOnlySome() throws Exception {
        String token =
                hub.token("bob", List.of(), List.of("chat:*"), java.time.Duration.ofHours(1));
        String items = "[{\"channel\":\"chat:a\",\"data\":1},{\"channel\":\"game:a\",\"data\":1}]";
        var response = new Rest(hub, token).send("/api/v1/messages", JSON, items);
        JsonArray results = new JsonArray(response.body());
        assertThat(statuses(results)).containsExactly(0, 403);
        assertThat(results.getJsonObject(1).getString("message")).contains("game:a");
    }

    @Test
    void ndjsonGoesOnAfterBadItemsEmptyLinesAndALineThatIsTooLong() throws Exception {
        String good = "{\"channel\":\"chat:a\",\"data\":%d}";
        String lines =
                String.join(
                        "\n",
                        good.formatted(1),
                        "{broken",
                        "",
                        "{\"channel\":\"chat:a\",\"data\":\"" + "x".repeat(300_000) + "\"}",
                        good.formatted(2) + "\r",
                        "{\"channel\":\"chat:a\",\"data\":\"" + "x".repeat(65_536) + "\"}",
                        good.formatted(3));
        JsonArray results = batch(NDJSON, lines);
        assertThat(statuses(results)).containsExactly(0, 400, 413, 0, 413, 0);
        assertThat(results.getJsonObject(2).getString("message")).contains("at most 67584 bytes");
        assertThat(results.getJsonObject(4).getString("message")).contains("at most 65536");
        assertThat(data(rest().history("chat:a", ""))).containsExactly(1, 2, 3);
    }

    @Test
    void ndjsonIsPublishedAndAnsweredWhileItStreamsIn() throws Exception {
        try (Socket socket = new Socket("127.0.0.1", hub.port());
                SseReader stream = new SseReader(hub, "/sse?channel=chat:a", hub.token("bob"))) {
            socket.setSoTimeout(10_000);
            stream.next();
            String head =
                    "POST /api/v1/messages HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer "
                            + hub.token("alice")
                            + "\r\nContent-Type: application/x-ndjson\r\n"
                            + "Transfer-Encoding: chunked\r\n\r\n";
            write(socket, head);
            for (int i = 0; i < 3; i++) {
                String line = "{\"channel\":\"chat:a\",\"data\":" + i + "}\n";
                write(socket, Integer.toHexString(line.length()) + "\r\n" + line + "\r\n");
                String id = stream.message().id();
                assertThat(readUntil(socket.getInputStream(), id)).contains(id);
            }
            write(socket, "0\r\n\r\n");
            assertThat(readUntil(socket.getInputStream(), "]")).contains("]");
        }
    }

    @Test
    void anEmptyBatchHasNoResults() throws Exception {
        assertThat(batch(JSON, "[]")).isEmpty();
        assertThat(batch(NDJSON, "\n\n")).isEmpty();
    }

    @Test
    void historyGoesForwardByItsCursorToTheEnd() throws Exception {
        List<String> ids = publishNumbers("chat:a", 25);
        List<String> read = new ArrayList<>();
        JsonObject page = page("chat:a", "limit=10");
        while (true) {
            read.addAll(ids(page));
            if (!page.getBoolean("more")) {
                break;
            }
            assertThat(page.getJsonArray("messages")).hasSize(10);
            page = page("chat:a", "limit=10&after=" + page.getString("cursor"));
        }
        assertThat(read).isEqualTo(ids);
        assertThat(ids(page("chat:a", "after=" + page.getString("cursor")))).isEmpty();
        assertThat(ids(page("chat:a", "after=earliest&limit=1000"))).isEqualTo(ids);
    }

    @Test
    void historyGoesBackwardByItsOldestMessageToTheBeginning() throws Exception {
        List<String> ids = publishNumbers("chat:a", 25);
        String end = rest().publish("chat:a", "\"end\"");
        List<String> read = new ArrayList<>();
        JsonObject page = page("chat:a", "limit=10&before=" + end);
        assertThat(ids(page)).isEqualTo(ids.subList(15, 25));
        read.addAll(0, ids(page));
        while (page.getBoolean("more")) {
            page = page("chat:a", "limit=10&before=" + read.get(0));
            read.addAll(0, ids(page));
        }
        assertThat(read).isEqualTo(ids);
    }

    @Test
    void historyBackwardGivesTheNewestEvenWhenNotAllFitIntoOnePage() throws Exception {
        String large = "\"" + "x".repeat(60_000) + "\"";
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 80; i++) {
            ids.add(rest().publish("chat:large", large));
        }
        JsonObject page = page("chat:large", "limit=1000&before=" + ids.get(79));
        List<String> newest = ids(page);
        assertThat(newest).isNotEmpty().isEqualTo(ids.subList(79 - newest.size(), 79));
        assertThat(page.getBoolean("more")).isTrue();
    }

    @Test
    void historyBetweenTwoIdsHoldsNeither() throws Exception {
        List<String> ids = publishNumbers("chat:a", 6);
        JsonObject page = page("chat:a", "after=" + ids.get(1) + "&before=" + ids.get(4));
        assertThat(ids(page)).isEqualTo(ids.subList(2, 4));
        assertThat(page.getBoolean("more")).isFalse();
    }

    @Test
    void historyHolds100MessagesUnlessAskedForMore() throws Exception {
        publishNumbers("chat:a", 101);
        assertThat(page("chat:a", "").getJsonArray("messages")).hasSize(100);
        assertThat(page("chat:a", "").getBoolean("more")).isTrue();
        assertThat(page("chat:a", "limit=101").getBoolean("more")).isFalse();
    }

    @Test
    void historyTellsWhatRetentionTookAfterTheCursor() throws Exception {
        List<String> ids = publishNumbers("short:a", 6);
        JsonObject gap = page("short:a", "after=" + ids.get(0)).getJsonObject("gap");
        assertThat(gap.getString("after")).isEqualTo(ids.get(0));
        assertThat(gap.getString("resumed")).isEqualTo(ids.get(2));
        assertThat(gap.getString("reason")).isEqualTo("expired");
        assertThat(page("short:a", "after=" + ids.get(2)).containsKey("gap")).isFalse();
        assertThat(page("short:a", "").containsKey("gap")).isFalse();

        JsonObject other = page("short:a", "after=zzzz-1");
        assertThat(other.getJsonObject("gap").getString("reason")).isEqualTo("reset");
        assertThat(ids(other)).isEqualTo(ids.subList(3, 6));
    }

    @Test
    void aTicketStandsForItsTokenOnce() throws Exception {
        HttpResponse<String> response = rest().send("/api/v1/tickets", "", "");
        assertThat(response.statusCode()).isEqualTo(201);
        assertThat(response.headers().firstValue("Cache-Control")).hasValue("no-store");
        JsonObject ticket = new JsonObject(response.body());
        assertThat(ticket.getInteger("expiresIn")).isEqualTo(30);
        String url = "/sse?channel=chat:a&ticket=" + ticket.getString("ticket");
        try (var stream = new SseReader(hub, url, "");
                var again = new SseReader(hub, url, "")) {
            assertThat(stream.status()).isEqualTo(200);
            stream.next();
            assertThat(stream.next().data()).contains("\"alice\"");
            assertThat(again.status()).isEqualTo(401);
        }
    }

    private Rest rest() {
        return new Rest(hub, hub.token("alice"));
    }

    private List<String> publishNumbers(String channel, int count) throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            ids.add(rest().publish(channel, String.valueOf(i)));
            rest().publish("other:channel", String.valueOf(i));
        }
        return ids;
    }

    private JsonArray batch(String type, String body) throws Exception {
        HttpResponse<String> response = rest().send("/api/v1/messages", type, body);
        assertThat(response.statusCode()).isEqualTo(200);
        return new JsonArray(response.body());
    }

    private JsonObject page(String channel, String query) throws Exception {
        var response = rest().get("/api/v1/channels/" + channel + "/messages?" + query);
        assertThat(response.statusCode()).isEqualTo(200);
        return new JsonObject(response.body());
    }

    private static List<String> ids(JsonObject page) {
        JsonArray messages = page.getJsonArray("messages");
        return IntStream.range(0, messages.size())
                .mapToObj(i -> messages.getJsonObject(i).getString("id"))
                .toList();
    }

    private static List<Integer> data(JsonArray messages) {
        return IntStream.range(0, messages.size())
                .mapToObj(i -> messages.getJsonObject(i).getInteger("data"))
                .toList();
    }

    /** The statuses of refused items, 0 for one that was published. */
    private static List<Integer> statuses(JsonArray results) {
        return IntStream.range(0, results.size())
                .mapToObj(i -> results.getJsonObject(i).getInteger("status", 0))
                .toList();
    }

    private static void write(Socket socket, String text) throws Exception {
        socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
    }

    private static String readUntil(InputStream in, String expected) throws Exception {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(expected) < 0) {
            int next = in.read();
            assertThat(next).as("end of the answer after " + read).isNotNegative();
            read.append((char) next);
        }
        return read.toString();
    }
}
