package io.anabranch.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.anabranch.polyglot.VerticleOptions;
import io.anabranch.polyglot.VerticleState;
import io.anabranch.polyglot.VerticleState.Status;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the scripts behind the demo pages publish and refuse, on a real hub. */
class DemoScriptsTest {
    private static final Duration SOON = Duration.ofSeconds(15);
    private static final String JSON = "application/json";

    @RegisterExtension
    final TestHub hub =
            new TestHub()
                    .moderatedChat()
                    .verticles("demo/clock.js", "demo/digits.js")
                    .verticle(with("demo/stocks.groovy", "{\"symbols\":21,\"rate\":50,\"seed\":7}"))
                    .verticle(with("demo/moderator.js", "{\"words\":[\"darn\"],\"longest\":20}"));

    private static VerticleOptions with(String name, String config) {
        return new VerticleOptions(
                name, null, true, new JsonObject(config), VerticleOptions.Limits.STANDARD);
    }

    @Test
    void theClockTellsTheTime() throws Exception {
        assertThat(eventually("demo:clock", 1).getJsonObject(0).getString("data"))
                .matches("2\\d{3}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
    }

    @Test
    void theDigitsCount() throws Exception {
        JsonArray digits = eventually("demo:digits", 2);
        assertThat(digits.getJsonObject(0).getInteger("data")).isEqualTo(1);
        assertThat(digits.getJsonObject(1).getInteger("data")).isEqualTo(2);
    }

    @Test
    void theMarketKeepsItsBooks() throws Exception {
        JsonArray quotes = eventually("ticker:ACME", 5);
        double high = 0;
        long volume = 0;
        for (int i = 0; i < quotes.size(); i++) {
            JsonObject quote = quotes.getJsonObject(i).getJsonObject("data");
            double price = quote.getDouble("price");
            high = Math.max(high, price);
            assertThat(quote.getString("symbol")).isEqualTo("ACME");
            assertThat(quote.getDouble("high")).isEqualTo(high);
            assertThat(quote.getDouble("low")).isLessThanOrEqualTo(price);
            assertThat(quote.getLong("volume")).isGreaterThanOrEqualTo(volume);
            assertThat(quote.getDouble("change"))
                    .isCloseTo(
                            price - quote.getDouble("open"),
                            org.assertj.core.api.Assertions.within(0.001));
            volume = quote.getLong("volume");
        }
        assertThat(volume).isPositive();
        // The 21st symbol, the first of the second ending.
        assertThat(eventually("ticker:ACNA", 1)).isNotEmpty();
    }

    @Test
    void theModeratorRefusesAndPutsStarsOverWords() throws Exception {
        Rest rest = new Rest(hub, hub.token("alice"));
        rest.publish("chat:lobby", "{\"text\":\"hello\",\"by\":1}");
        rest.publish("chat:lobby", "{\"text\":\"oh Darn it\",\"by\":1}");
        assertRefused(rest.post("chat:lobby", JSON, "{\"text\":\" \"}"), 422, "text: empty");
        String shout = "a".repeat(21);
        assertRefused(
                rest.post("chat:lobby", JSON, "{\"text\":\"" + shout + "\"}"), 413, "at most 20");
        JsonArray said = rest.history("chat:lobby", "");
        assertThat(said).hasSize(2);
        assertThat(said.getJsonObject(0).getJsonObject("data").getString("text"))
                .isEqualTo("hello");
        assertThat(said.getJsonObject(1).getJsonObject("data"))
                .isEqualTo(new JsonObject("{\"text\":\"oh **** it\",\"by\":1}"));
    }

    private static void assertRefused(HttpResponse<String> response, int status, String says) {
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(response.body()).contains(says);
    }

    private JsonArray eventually(String channel, int messages) throws Exception {
        assertThat(hub.verticleStates())
                .extracting(VerticleState::status)
                .containsOnly(Status.RUNNING);
        Rest rest = new Rest(hub, hub.token("alice"));
        await().atMost(SOON).until(() -> rest.history(channel, "").size() >= messages);
        return rest.history(channel, "");
    }
}
