package io.anabranch.mercure;

import static io.anabranch.mercure.Publish.form;
import static io.anabranch.mercure.Publish.token;
import static io.anabranch.mercure.Publish.topics;
import static io.anabranch.mercure.Publish.update;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.config.Config;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Limit;
import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.SseReader.Block;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Subscribing and publishing as draft-dunglas-mercure-07 has it, rule by rule. */
class MercureTest {
    private static final String BOOK = "https://example.com/books/1";
    private static final String BOOKS = "https://example.com/books/{id}";

    @RegisterExtension
    final TestHub hub =
            new TestHub()
                    .cookie("token")
                    .retain("short:*", 2)
                    .limit(Limit.CHANNELS_PER_CONNECTION, 8)
                    .protocols(
                            new Config.Protocols(
                                    new MercureOptions(
                                            List.of(
                                                    new ChannelPattern("https:*"),
                                                    new ChannelPattern("short:*")),
                                            "mercureAuthorization",
                                            false),
                                    null));

    private SseReader read(String pathAndQuery, String... headers) throws Exception {
        return new SseReader(
                hub,
                pathAndQuery,
                hub.token("bob", List.of(), List.of(), Duration.ofMinutes(1)),
                headers);
    }

    private SseReader readAs(String token, String pathAndQuery) throws Exception {
        return new SseReader(hub, pathAndQuery, token);
    }

    @Test
    void anUpdateGoesToThoseWhoAreSubscribedToItsTopic() throws Exception {
        try (SseReader reader = read(topics(BOOK))) {
            assertThat(reader.status()).isEqualTo(200);
            assertThat(reader.header("Content-Type")).isEqualTo("text/event-stream");
            assertThat(reader.header("Last-Event-ID")).isEmpty();
            update(hub, "topic", "https://example.com/books/2", "data", "another");
            String id = update(hub, "topic", BOOK, "data", "line one\nline two", "type", "changed");
            assertThat(reader.message())
                    .isEqualTo(new Block(id, "changed", "line one\nline two", true));
            assertThat(id).startsWith("#");
        }
    }

    @Test
    void aTemplateAndTheStarSelectTopics() throws Exception {
        try (SseReader books = read(topics(BOOKS));
                SseReader all = read(topics("*"))) {
            update(hub, "topic", BOOK + "/pages", "data", "below");
            update(hub, "topic", "https://example.com/books/é", "data", "book");
            assertThat(books.message().data()).isEqualTo("book");
            assertThat(all.messages(2)).extracting(Block::data).containsExactly("below", "book");
        }
    }

    @Test
    void oneUpdateOfSeveralTopicsComesOnceToEach() throws Exception {
        String alternate = "https://example.com/authors/7";
        try (SseReader first = read(topics(BOOK));
                SseReader second = read(topics(alternate));
                SseReader both = read(topics(alternate, BOOKS))) {
            String id = update(hub, "topic", BOOK, "topic", alternate, "data", "both");
            update(hub, "topic", BOOK, "topic", alternate, "data", "end");
            for (SseReader reader : List.of(first, second, both)) {
                Block update = reader.message();
                assertThat(update.data()).isEqualTo("both");
                assertThat(update.id()).isEqualTo(id).startsWith("urn:uuid:");
                assertThat(reader.message().data()).isEqualTo("end");
            }
        }
    }

    @Test
    void aPrivateUpdateComesToThoseAloneWhoseClaimSaysSo() throws Exception {
        String bobs = token(hub, "subscribe", "https://example.com/users/bob/{?topic}");
        String alternate = "https://example.com/users/bob/?topic=https%3A%2F%2Fexample.com%2Fb";
        try (SseReader without = read(topics("*"));
                SseReader bob = readAs(bobs, topics(BOOKS));
                SseReader all = readAs(token(hub, "subscribe", "*"), topics(BOOKS))) {
            update(hub, "topic", BOOK, "data", "secret", "private", "");
            update(hub, "topic", BOOK, "topic", alternate, "data", "bob's", "private", "on");
            update(hub, "topic", BOOK, "data", "public");
            assertThat(without.message().data()).isEqualTo("public");
            assertThat(bob.messages(2)).extracting(Block::data).containsExactly("bob's", "public");
            assertThat(all.messages(3))
                    .extracting(Block::data)
                    .containsExactly("secret", "bob's", "public");
        }
        try (SseReader again = read(topics("*") + "&lastEventID=earliest")) {
            assertThat(again.message().data()).isEqualTo("public");
        }
    }

    @Test
    void aMessageOfAChannelIsAnUpdateForThoseWhoMayReadTheChannel() throws Exception {
        String alice = hub.token("alice");
        try (SseReader mayNot = read(topics("*"));
                SseReader may = readAs(alice, topics("chat:lobby"));
                SseReader claims = readAs(token(hub, "subscribe", "chat:{room}"), topics("*"))) {
            new Rest(hub, alice).publish("chat:lobby", "{\"text\":\"hi\"}");
            new Rest(hub, alice).publish("https://example.com/books/1", "\"to all\"");
            assertThat(may.message().data()).isEqualTo("{\"text\":\"hi\"}");
            assertThat(claims.message().data()).isEqualTo("{\"text\":\"hi\"}");
            assertThat(mayNot.message().data()).isEqualTo("to all");
        }
    }

    @Test
    void whatOnlyLooksLikeAnUpdateHarmsNobody() throws Exception {
        Rest rest = new Rest(hub, hub.token("alice"));
        try (SseReader reader = read(topics(BOOKS))) {
            String injected = "{\"mercure\":{\"id\":\"a\\ndata: b\"},\"data\":1}";
            rest.publish(BOOK, injected);
            rest.publish(BOOK, "{\"mercure\":{\"retry\":\"x\"},\"data\":2}");
            String topics = "[\"" + "x".repeat(300) + "\",\"\"]";
            rest.publish(BOOK, "{\"mercure\":{\"topics\":" + topics + "},\"data\":3}");
            rest.publish(BOOK, "\"end\"");
            assertThat(reader.messages(3))
                    .extracting(Block::data)
                    .containsExactly(injected, "{\"mercure\":{\"retry\":\"x\"},\"data\":2}", "end");
        }
    }

    @Test
    void anUpdateIsAMessageOfItsChannel() throws Exception {
        String id = update(hub, "topic", "chat:lobby", "data", "{\"a\":1}");
        JsonArray messages = new Rest(hub, hub.token("alice")).history("chat:lobby", "");
        JsonObject message = messages.getJsonObject(0);
        assertThat("#" + message.getString("id")).isEqualTo(id);
        assertThat(message.getString("data")).isEqualTo("{\"a\":1}");
        assertThat(message.getString("user")).isEqualTo("mercury");
    }

    @Test
    void thePublishersIdIsTheEventsAndLeadsBack() throws Exception {
        String name = "urn:uuid:" + UUID.randomUUID();
        assertThat(update(hub, "topic", BOOK, "data", "1", "id", name)).isEqualTo(name);
        update(hub, "topic", BOOK, "data", "2", "retry", "1234");
        String cursor;
        try (SseReader reader = read(topics(BOOK) + "&lastEventID=earliest")) {
            assertThat(reader.header("Last-Event-ID")).isEqualTo("earliest");
            assertThat(reader.message()).isEqualTo(new Block(name, "", "1", true));
            Block place = reader.next();
            assertThat(place.hasData()).isFalse();
            cursor = place.id();
            assertThat(reader.message().data()).isEqualTo("2");
            assertThat(reader.retryMs()).isEqualTo(1_234);
        }
        for (String from : List.of(name, cursor)) {
            try (SseReader reader = read(topics(BOOKS), "Last-Event-ID", from)) {
                assertThat(reader.header("Last-Event-ID")).isEqualTo(from);
                assertThat(reader.message().data()).as(from).isEqualTo("2");
            }
        }
    }

    @Test
    void theHeaderWinsOverTheQuery() throws Exception {
        String first = update(hub, "topic", BOOK, "data", "1");
        String second = update(hub, "topic", BOOK, "data", "2");
        update(hub, "topic", BOOK, "data", "3");
        String query = topics(BOOK) + "&lastEventID=" + Publish.encoded(first);
        try (SseReader byQuery = read(query);
                SseReader byHeader = read(query, "Last-Event-ID", second)) {
            assertThat(byQuery.message().data()).isEqualTo("2");
            assertThat(byHeader.message().data()).isEqualTo("3");
        }
    }

    @Test
    void theResponseSaysWhenUpdatesAreLost() throws Exception {
        String first = update(hub, "topic", "short:a", "data", "1");
        String second = update(hub, "topic", "short:a", "data", "2");
        for (int i = 3; i <= 4; i++) {
            update(hub, "topic", "short:a", "data", Integer.toString(i));
        }
        try (SseReader kept = read(topics("short:a"), "Last-Event-ID", second);
                SseReader lost = read(topics("short:a"), "Last-Event-ID", first);
                SseReader unknown = read(topics("short:a"), "Last-Event-ID", "urn:x:nobody's")) {
            assertThat(kept.header("Last-Event-ID")).isEqualTo(second);
            assertThat(lost.header("Last-Event-ID")).isEqualTo("earliest");
            assertThat(unknown.header("Last-Event-ID")).isEqualTo("earliest");
            assertThat(unknown.message().data()).isEqualTo("3");
            assertThat(lost.message().event()).isEqualTo("hub.gap");
            assertThat(lost.message().data()).isEqualTo("3");
        }
    }

    @Test
    void everyTopicOfAnUpdateMustBeAllowed() throws Exception {
        String books = token(hub, "publish", BOOKS);
        assertThat(form(hub, books, "topic", BOOK, "data", "1").statusCode()).isEqualTo(200);
        HttpResponse<String> refused =
                form(hub, books, "topic", BOOK, "topic", "https://example.com/x", "data", "2");
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("mercure.publish").contains("https://example.com/x");
        assertThat(form(hub, token(hub, "publish"), "topic", BOOK).statusCode()).isEqualTo(403);
        assertThat(form(hub, token(hub, "subscribe", "*"), "topic", BOOK).statusCode())
                .isEqualTo(403);
        assertThat(form(hub, "", "topic", BOOK).statusCode()).isEqualTo(401);
        try (SseReader reader = read(topics(BOOK) + "&lastEventID=earliest")) {
            assertThat(reader.message().data()).isEqualTo("1");
            update(hub, "topic", BOOK, "data", "end");
            assertThat(reader.message().data()).isEqualTo("end");
        }
    }

    @Test
    void refusesWhatIsOutOfTheGrammar() throws Exception {
        String all = token(hub, "publish", "*");
        assertThat(form(hub, all, "data", "no topic").body()).contains("expected: 1 to 8");
        assertThat(form(hub, all, "topic", BOOK, "id", "#1").statusCode()).isEqualTo(400);
        assertThat(form(hub, all, "topic", BOOK, "id", "a\nb").statusCode()).isEqualTo(400);
        assertThat(form(hub, all, "topic", BOOK, "retry", "soon").body()).contains("in ms");
        assertThat(form(hub, all, "topic", BOOK, "type", "hub.gap").statusCode()).isEqualTo(400);
        assertThat(form(hub, all, "topic", SubscriptionList.PATH + "/a/b").statusCode())
                .isEqualTo(403);
        assertThat(form(hub, all, "topic", BOOK, "data", "x".repeat(70_000)).statusCode())
                .isEqualTo(413);
        assertThat(form(hub, all, "topic", BOOK, "data", "x".repeat(300_000)).statusCode())
                .isEqualTo(413);
        Rest rest = new Rest(hub, all);
        assertThat(rest.send(Publish.PATH, "application/json", "{}").statusCode()).isEqualTo(415);
        assertThat(
                        rest.send(Publish.PATH, "application/x-www-form-urlencoded", "topic=%zz")
                                .statusCode())
                .isEqualTo(400);
        assertThat(rest.get(Publish.PATH).body()).contains("topic: missing");
        assertThat(rest.get(topics("1", "2", "3", "4", "5", "6", "7", "8", "9")).body())
                .contains("limits.channelsPerConnection");
        assertThat(rest.get(topics("x".repeat(300))).statusCode()).isEqualTo(400);
    }

    @Test
    void largeDataIsNoProblemOfTheForm() throws Exception {
        String data = "é&=+ %".repeat(8_000);
        update(hub, "topic", BOOK, "data", data);
        try (SseReader reader = read(topics(BOOK) + "&lastEventID=earliest")) {
            assertThat(reader.message().data()).isEqualTo(data);
        }
    }

    @Test
    void whoMayHaveNothingOfATopicIsToldSo() throws Exception {
        assertThat(new Rest(hub, "").get(topics(BOOK)).statusCode()).isEqualTo(401);
        HttpResponse<String> refused =
                new Rest(hub, token(hub, "publish", "*")).get(topics("chat:lobby"));
        assertThat(refused.statusCode()).isEqualTo(403);
        assertThat(refused.body()).contains("protocols.mercure.open");
    }

    @Test
    void theTokenMayBeInTheCookieAndTheHeaderWins() throws Exception {
        String cookie = "mercureAuthorization=" + token(hub, "subscribe", "*");
        try (SseReader byCookie = new SseReader(hub, topics("chat:a"), "", "Cookie", cookie);
                SseReader byHeader = read(topics(BOOK, "chat:a2"), "Cookie", cookie)) {
            assertThat(byCookie.status()).isEqualTo(200);
            assertThat(byHeader.status()).isEqualTo(403);
        }
        Rest stranger = new Rest(hub, "");
        String mine = "mercureAuthorization=" + token(hub, "publish", "*");
        String form = "application/x-www-form-urlencoded";
        assertThat(stranger.send(Publish.PATH, form, "topic=a", "Cookie", mine).statusCode())
                .isEqualTo(403);
        String own = hub.uri("").toString();
        assertThat(
                        stranger.send(Publish.PATH, form, "topic=a", "Cookie", mine, "Origin", own)
                                .statusCode())
                .isEqualTo(200);
    }

    @Test
    void theTokenMayNotBeInTheUrl() throws Exception {
        String token = token(hub, "subscribe", "*");
        HttpResponse<String> refused =
                new Rest(hub, "").get(topics(BOOK) + "&authorization=" + token);
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.body()).contains("URLs end in logs").doesNotContain(token);
    }

    @Test
    void aClaimThatIsMalformedIsNoGood() throws Exception {
        for (Object claim : List.of("*", new JsonObject().put("subscribe", "*"))) {
            String token = hub.tokenOf(new JsonObject().put("mercure", claim));
            HttpResponse<String> refused = new Rest(hub, token).get(topics(BOOK));
            assertThat(refused.statusCode()).isEqualTo(401);
            assertThat(refused.body()).contains("mercure");
        }
    }

    @Test
    void theStreamEndsWithItsToken() throws Exception {
        String token = hub.token("bob", List.of("https:*"), List.of(), Duration.ofSeconds(2));
        try (SseReader reader = readAs(token, topics(BOOK))) {
            assertThat(reader.message().event()).isEqualTo("hub.close");
            assertThat(reader.next().event()).isEqualTo("end of stream");
        }
    }

    @Test
    void thereIsNoListOfSubscriptionsUnlessItIsAskedFor() throws Exception {
        assertThat(
                        new Rest(hub, token(hub, "subscribe", "*"))
                                .get(SubscriptionList.PATH)
                                .statusCode())
                .isEqualTo(404);
    }
}
