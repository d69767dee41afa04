package io.anabranch.http;

import static java.nio.charset.StandardCharsets.UTF_16BE;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.http.SseParsers.Event;
import io.anabranch.message.RandomJson;
import io.anabranch.testing.Rest;
import io.anabranch.testing.SlicingProxy;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonArray;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Three parsers that are not ours read what was published, whatever it is. */
class SseConformanceTest {
    private static final int MESSAGES = 150;

    @RegisterExtension final TestHub hub = new TestHub().anonymous(List.of("case:*"), List.of());

    private SlicingProxy proxy;

    @BeforeEach
    void cutCharactersApart() throws Exception {
        proxy = new SlicingProxy(hub);
    }

    @AfterEach
    void close() throws Exception {
        proxy.close();
    }

    /**
     * @param json the data, as it is published
     */
    record Case(String event, String json) {
        Case(String json) {
            this("message", json);
        }

        /** What an EventSource must give: lines end with LF alone, half characters are U+FFFD. */
        Event expected(String id) {
            String data = json;
            if (json.startsWith("\"")) {
                // Java encodes a half of a surrogate pair as U+FFFD in UTF-16, and as ? in UTF-8.
                data = new String(((String) Json.decodeValue(json)).getBytes(UTF_16BE), UTF_16BE);
            }
            return new Event(id, event, data.replace("\r\n", "\n").replace('\r', '\n'));
        }
    }

    @Test
    void awkwardStreams() throws Exception {
        List<List<Case>> streams = new ArrayList<>();
        AwkwardEvents.all().forEach(one -> streams.add(List.of(one)));
        assertThat(streams).hasSizeGreaterThanOrEqualTo(40);
        streams.add(AwkwardEvents.all());
        assertThatAllReadWhatWasPublished(streams);
    }

    @Test
    void generatedStreams() throws Exception {
        long seed = Long.getLong("anabranch.seed", System.nanoTime());
        Random random = new Random(seed);
        RandomJson json = new RandomJson(random);
        List<Case> cases = new ArrayList<>();
        for (int i = 0; i < MESSAGES; i++) {
            cases.add(new Case(AwkwardEvents.name(random), json.value()));
        }
        try {
            assertThatAllReadWhatWasPublished(List.of(cases));
        } catch (AssertionError e) {
            throw new AssertionError("-Danabranch.seed=" + seed, e);
        }
    }

    private void assertThatAllReadWhatWasPublished(List<List<Case>> published) throws Exception {
        List<SseParsers.Stream> streams = new ArrayList<>();
        List<List<Event>> expected = new ArrayList<>();
        for (int i = 0; i < published.size(); i++) {
            List<Case> cases = published.get(i);
            expected.add(publish("case:" + i, cases));
            Set<String> events = new HashSet<>();
            cases.forEach(one -> events.add(one.event()));
            String url = proxy.uri() + "/sse?after=earliest&channel=case:" + i;
            streams.add(new SseParsers.Stream(url, events));
        }
        for (String client : SseParsers.NPM) {
            List<List<Event>> read = SseParsers.readWithNpm(client, streams);
            for (int i = 0; i < expected.size(); i++) {
                assertThat(read.get(i)).as(client).isEqualTo(expected.get(i));
            }
        }
        for (int i = 0; i < expected.size(); i++) {
            assertThat(SseParsers.readWithMaven(streams.get(i)))
                    .as("okhttp-eventsource")
                    .isEqualTo(expected.get(i));
        }
    }

    private List<Event> publish(String channel, List<Case> cases) throws Exception {
        Rest rest = new Rest(hub, hub.token("alice"));
        List<String> items = new ArrayList<>();
        List<Case> all = new ArrayList<>(cases);
        all.add(new Case(SseParsers.END, "0"));
        for (Case one : all) {
            items.add(
                    "{\"channel\":\"%s\",\"event\":%s,\"data\":%s}"
                            .formatted(channel, Json.encode(one.event()), one.json()));
        }
        String batch = "[" + String.join(",", items) + "]";
        String answer = rest.send("/api/v1/messages", "application/json", batch).body();
        JsonArray results = new JsonArray(answer);
        List<Event> expected = new ArrayList<>();
        for (int i = 0; i < cases.size(); i++) {
            String id = results.getJsonObject(i).getString("id");
            assertThat(id).as(cases.get(i) + ": " + results.getJsonObject(i)).isNotNull();
            expected.add(cases.get(i).expected(id));
        }
        return expected;
    }
}
