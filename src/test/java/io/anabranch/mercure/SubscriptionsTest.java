package io.anabranch.mercure;

import static io.anabranch.mercure.Publish.encoded;
import static io.anabranch.mercure.Publish.token;
import static io.anabranch.mercure.Publish.topics;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.config.Config;
import io.anabranch.message.ChannelPattern;
import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who is subscribed to what (draft-dunglas-mercure-07, section "Active Subscriptions"). */
class SubscriptionsTest {
    private static final String PATH = SubscriptionList.PATH;
    private static final String EVENTS = PATH + "{/topic}{/subscriber}";
    private static final String SELECTOR = "https://example.com/{selector}";

    @RegisterExtension
    final TestHub hub =
            new TestHub()
                    .protocols(
                            new Config.Protocols(
                                    new MercureOptions(
                                            List.of(new ChannelPattern("https:*")),
                                            "mercureAuthorization",
                                            true),
                                    null));

    private String subscriber() throws Exception {
        JsonObject claim =
                new JsonObject()
                        .put("subscribe", new JsonArray().add("x"))
                        .put("payload", new JsonObject().put("foo", "bar"));
        return hub.tokenOf(new JsonObject().put("mercure", claim));
    }

    private JsonObject get(String path) throws Exception {
        HttpResponse<String> response = new Rest(hub, token(hub, "subscribe", EVENTS)).get(path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        assertThat(response.headers().firstValue("Content-Type")).contains("application/ld+json");
        return new JsonObject(response.body());
    }

    @Test
    void beginAndEndArePrivateUpdates() throws Exception {
        try (SseReader watcher =
                new SseReader(hub, topics(EVENTS), token(hub, "subscribe", EVENTS))) {
            JsonObject own = new JsonObject(watcher.message().data());
            assertThat(own.getString("topic")).isEqualTo(EVENTS);
            JsonObject begun;
            try (SseReader reader =
                    new SseReader(hub, topics(SELECTOR, "https://x"), subscriber())) {
                assertThat(reader.status()).isEqualTo(200);
                begun = new JsonObject(watcher.message().data());
                String subscriber = begun.getString("subscriber");
                String id = PATH + "/" + encoded(SELECTOR) + "/" + encoded(subscriber);
                assertThat(begun)
                        .isEqualTo(
                                new JsonObject()
                                        .put("@context", "https://mercure.rocks/")
                                        .put("id", id)
                                        .put("type", "Subscription")
                                        .put("topic", SELECTOR)
                                        .put("subscriber", subscriber)
                                        .put("active", true)
                                        .put("payload", new JsonObject().put("foo", "bar")));
                assertThat(subscriber).startsWith("urn:uuid:");
                JsonObject other = new JsonObject(watcher.message().data());
                assertThat(other.getString("subscriber")).isEqualTo(subscriber);
            }
            assertThat(new JsonObject(watcher.message().data()))
                    .isEqualTo(begun.copy().put("active", false));
        }
    }

    @Test
    void areListedByTopicAndBySubscriber() throws Exception {
        assertThat(get(PATH).getString("lastEventID")).isEqualTo("earliest");
        try (SseReader reader = new SseReader(hub, topics(SELECTOR, "https://x"), subscriber())) {
            assertThat(reader.next().hasData()).isFalse();
            JsonObject all = get(PATH);
            assertThat(all.getString("@context")).isEqualTo("https://mercure.rocks/");
            assertThat(all.getString("id")).isEqualTo(PATH);
            assertThat(all.getString("type")).isEqualTo("Subscriptions");
            assertThat(all.getString("lastEventID")).startsWith("#");
            assertThat(all.getJsonArray("subscriptions")).hasSize(2);

            JsonObject some = get(PATH + "/" + encoded(SELECTOR));
            assertThat(some.getJsonArray("subscriptions")).hasSize(1);
            JsonObject one = some.getJsonArray("subscriptions").getJsonObject(0);
            assertThat(one.getString("topic")).isEqualTo(SELECTOR);
            assertThat(one.getBoolean("active")).isTrue();

            JsonObject itself = get(one.getString("id"));
            assertThat(itself.getString("lastEventID")).startsWith("#");
            itself.remove("lastEventID");
            itself.remove("@context");
            assertThat(itself).isEqualTo(one);
        }
        Rest rest = new Rest(hub, token(hub, "subscribe", EVENTS));
        assertThat(rest.get(PATH + "/a/b").statusCode()).isEqualTo(404);
    }

    @Test
    void areForThoseWhoseClaimMatchesTheUrl() throws Exception {
        Rest some = new Rest(hub, token(hub, "subscribe", PATH + "/" + encoded(SELECTOR)));
        assertThat(some.get(PATH).statusCode()).isEqualTo(403);
        assertThat(some.get(PATH + "/" + encoded(SELECTOR)).statusCode()).isEqualTo(200);
        assertThat(new Rest(hub, hub.token("alice")).get(PATH).statusCode()).isEqualTo(403);
        assertThat(new Rest(hub, "").get(PATH).statusCode()).isEqualTo(401);
    }

    @Test
    void aSelectorIsRefusedThatNobodyCouldBeToldOf() throws Exception {
        String selector = "https://example.com/" + "x".repeat(150) + "{id}";
        assertThat(new Rest(hub, subscriber()).get(topics(selector)).statusCode()).isEqualTo(400);
    }
}
