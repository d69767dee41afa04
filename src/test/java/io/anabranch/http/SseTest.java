package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.SseReader.Block;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SseTest {
    @RegisterExtension final TestHub hub = new TestHub().retain("short:*", 3).heartbeat(800);

    @Test
    void beginsWithRetryTheHeadAndReady() throws Exception {
        String id = rest().publish("chat:lobby", "1");
        try (var stream = open("channel=chat:lobby")) {
            assertThat(stream.status()).isEqualTo(200);
            assertThat(stream.header("Content-Type")).isEqualTo("text/event-stream");
            assertThat(stream.header("Cache-Control")).isEqualTo("no-store, no-transform");
            assertThat(stream.header("X-Accel-Buffering")).isEqualTo("no");
            assertThat(stream.next().id()).isEqualTo(id);
            Block ready = stream.next();
            assertThat(ready.event()).isEqualTo("hub.ready");
            JsonObject frame = new JsonObject(ready.data());
            assertThat(frame.getString("cursor")).isEqualTo(id);
            assertThat(frame.getString("user")).isEqualTo("alice");
            assertThat(frame.getInteger("heartbeat")).isEqualTo(800);
        }
    }

    @Test
    void sendsTextAsItIsAndOtherJsonAsJson() throws Exception {
        try (var stream = open("channel=chat:*")) {
            stream.next();
            rest().publish("chat:a", "\"two\\nlines \\u00e9\"");
            rest().publish("chat:b", "{\"n\": 1.50}");
            assertThat(stream.message().data()).isEqualTo("two\nlines é");
            assertThat(stream.message().data()).isEqualTo("{\"n\": 1.50}");
        }
    }

    @Test
    void namesTheEventUnlessItIsMessage() throws Exception {
        try (var stream = open("channel=demo:digits")) {
            stream.next();
            rest().send(
                            "/api/v1/channels/demo:digits/messages?event=bye",
                            "application/json",
                            "10");
            rest().publish("demo:digits", "1");
            assertThat(stream.message().event()).isEqualTo("bye");
            assertThat(stream.message().event()).isEmpty();
        }
    }

    @Test
    void resumesAfterTheLastEventIdOverSeveralChannels() throws Exception {
        List<String> ids = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            ids.add(rest().publish(i % 2 == 0 ? "chat:a" : "ticker:b", String.valueOf(i)));
        }
        for (int cut = 0; cut < 20; cut += 7) {
            List<String> rest = ids.subList(cut + 1, 20);
            try (var byHeader =
                            open("channel=chat:*&channel=ticker:b", "Last-Event-ID", ids.get(cut));
                    var byParameter =
                            open("channel=chat:*&channel=ticker:b&after=" + ids.get(cut));
                    var byOtherName =
                            open("channel=chat:*&channel=ticker:b&lastEventId=" + ids.get(cut))) {
                for (var stream : List.of(byHeader, byParameter, byOtherName)) {
                    assertThat(stream.messages(rest.size())).extracting(Block::id).isEqualTo(rest);
                    assertThat(stream.isQuiet()).isTrue();
                }
            }
        }
    }

    @Test
    void theHeaderWinsOverTheParameter() throws Exception {
        String first = rest().publish("chat:a", "1");
        String second = rest().publish("chat:a", "2");
        rest().publish("chat:a", "3");
        try (var stream = open("channel=chat:a&after=" + first, "Last-Event-ID", second)) {
            assertThat(stream.message().data()).isEqualTo("3");
        }
    }

    @Test
    void lastGivesTheNewestOfEachChannelInOrder() throws Exception {
        for (int i = 0; i < 5; i++) {
            rest().publish("chat:a", "\"a" + i + "\"");
            rest().publish("chat:b", "\"b" + i + "\"");
        }
        try (var stream = open("channel=chat:*&last=2")) {
            assertThat(stream.messages(4))
                    .extracting(Block::data)
                    .containsExactly("a3", "b3", "a4", "b4");
            rest().publish("chat:a", "\"live\"");
            assertThat(stream.message().data()).isEqualTo("live");
        }
    }

    @Test
    void earliestReadsAllThatIsHeldWithoutCallingTheRestAGap() throws Exception {
        for (int i = 0; i < 5; i++) {
            rest().publish("short:a", String.valueOf(i));
        }
        try (var stream = open("channel=short:a&after=earliest")) {
            assertThat(stream.messages(3)).extracting(Block::data).containsExactly("2", "3", "4");
        }
    }

    @Test
    void saysAloudWhatRetentionTook() throws Exception {
        String first = rest().publish("short:a", "0");
        List<String> ids = new ArrayList<>();
        for (int i = 1; i < 6; i++) {
            ids.add(rest().publish("short:a", String.valueOf(i)));
        }
        try (var stream = open("channel=short:a&after=" + first)) {
            Block gap = stream.message();
            assertThat(gap.event()).isEqualTo("hub.gap");
            assertThat(new JsonObject(gap.data()))
                    .isEqualTo(
                            new JsonObject()
                                    .put("type", "gap")
                                    .put("channel", "short:a")
                                    .put("after", first)
                                    .put("resumed", ids.get(1))
                                    .put("reason", "expired"));
            assertThat(stream.messages(3)).extracting(Block::data).containsExactly("3", "4", "5");
        }
    }

    @Test
    void anotherEpochIsAReset() throws Exception {
        rest().publish("chat:a", "1");
        try (var stream = open("channel=chat:a&after=zzzz-5")) {
            Block gap = stream.message();
            assertThat(gap.event()).isEqualTo("hub.gap");
            assertThat(new JsonObject(gap.data()).getString("reason")).isEqualTo("reset");
            assertThat(stream.message().data()).isEqualTo("1");
        }
    }

    @Test
    void heartbeatsCarryTheCursorOfAQuietStream() throws Exception {
        try (var stream = open("channel=chat:quiet")) {
            String start = stream.next().id();
            String elsewhere = rest().publish("chat:busy", "1");
            assertThat(elsewhere).isNotEqualTo(start);
            Block block = stream.next();
            while (!block.id().equals(elsewhere)) {
                assertThat(block.event()).isIn("", "hub.ready");
                block = stream.next();
            }
            assertThat(block.hasData()).isFalse();
        }
    }

    @Test
    void theEnvelopeIsTheWholeMessage() throws Exception {
        String first = rest().publish("chat:a", "1");
        String second = rest().publish("chat:a", "{\"text\":\"hi\"}");
        try (var stream = open("channel=chat:a&envelope=true&after=" + first)) {
            JsonObject message = new JsonObject(stream.message().data());
            assertThat(message.getString("id")).isEqualTo(second);
            assertThat(message.getString("prev")).isEqualTo(first);
            assertThat(message.getString("channel")).isEqualTo("chat:a");
            assertThat(message.getString("user")).isEqualTo("alice");
            assertThat(message.getJsonObject("data").getString("text")).isEqualTo("hi");
            assertThat(message.getLong("time")).isPositive();
        }
    }

    @Test
    void conflationEndsOnTheNewestValue() throws Exception {
        try (var stream = open("channel=ticker:*&conflate=200")) {
            stream.next();
            for (int i = 0; i < 50; i++) {
                rest().publish("ticker:A", String.valueOf(i));
            }
            int received = 1;
            while (!stream.message().data().equals("49")) {
                received++;
            }
            assertThat(received).isLessThan(50);
        }
    }

    @Test
    void endsWithinASecondOfItsToken() throws Exception {
        String token = hub.token("bob", List.of("chat:*"), List.of(), Duration.ofSeconds(2));
        long started = System.nanoTime();
        try (var stream = new SseReader(hub, "/sse?channel=chat:a", token)) {
            Block close = stream.message();
            assertThat(close.event()).isEqualTo("hub.close");
            assertThat(new JsonObject(close.data()).getInteger("code")).isEqualTo(4401);
            assertThat(stream.next().event()).isEqualTo("end of stream");
            assertThat(Duration.ofNanos(System.nanoTime() - started))
                    .isLessThan(Duration.ofMillis(3_100));
        }
    }

    @Test
    void aTicketStandsForATokenOnce() throws Exception {
        var issued = rest().send("/api/v1/tickets", "", "");
        assertThat(issued.statusCode()).isEqualTo(201);
        String ticket = new JsonObject(issued.body()).getString("ticket");
        String query = "/sse?channel=chat:a&ticket=" + ticket;
        try (var stream = new SseReader(hub, query, "");
                var again = new SseReader(hub, query, "")) {
            assertThat(stream.status()).isEqualTo(200);
            assertThat(again.status()).isEqualTo(401);
        }
    }

    @Test
    void refusesAtTheDoor() throws Exception {
        Rest alice = rest();
        assertRefused(alice, "/sse", 400, "bad_request", "channel: missing");
        assertRefused(alice, "/sse?channel=a%20b", 400, "bad_request", "\"a b\"");
        assertRefused(alice, "/sse?channel=" + "a".repeat(300), 400, "bad_request", "1 to 255");
        assertRefused(alice, "/sse?channel=a&after=12", 400, "bad_request", "k4x9-1042");
        assertRefused(alice, "/sse?channel=a&last=-1", 400, "bad_request", "last: \"-1\"");
        assertRefused(alice, "/sse?channel=a&conflate=x", 400, "bad_request", "0 to 60000");
        assertRefused(alice, "/sse?channel=a&client=short", 400, "bad_request", "8 to 64");
        assertRefused(alice, "/sse?channel=a&envelope=yes", 400, "bad_request", "true or false");
        assertRefused(new Rest(hub, ""), "/sse?channel=a", 401, "unauthorized", "without a token");
        assertRefused(new Rest(hub, "no.good.token"), "/sse?channel=a", 401, "unauthorized", "");
        String other = hub.token("bob", List.of("chat:*"), List.of(), Duration.ofMinutes(1));
        assertRefused(new Rest(hub, other), "/sse?channel=a", 403, "forbidden", "for a");
        var picky = alice.get("/sse?channel=a", "Accept", "application/json");
        assertThat(picky.statusCode()).isEqualTo(406);
    }

    private static void assertRefused(Rest rest, String path, int status, String code, String says)
            throws Exception {
        var response = rest.get(path);
        assertThat(response.statusCode()).as(path).isEqualTo(status);
        assertThat(response.headers().firstValue("Content-Type"))
                .contains("application/problem+json");
        JsonObject problem = new JsonObject(response.body());
        assertThat(problem.getInteger("status")).isEqualTo(status);
        assertThat(problem.getString("code")).isEqualTo(code);
        assertThat(problem.getString("detail")).contains(says);
    }

    private Rest rest() {
        return new Rest(hub, hub.token("alice"));
    }

    private SseReader open(String query, String... headers) throws Exception {
        return new SseReader(hub, "/sse?" + query, hub.token("alice"), headers);
    }
}
