package io.anabranch.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.auth.Grants;
import io.anabranch.testing.MemoryLibrary;
import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The library as clients see it: its services over REST, its news over SSE. */
class LibraryTest {
    private static final List<String> NOTHING = List.of();

    @RegisterExtension
    final TestHub hub =
            new TestHub()
                    .verticles(MemoryLibrary.class.getName())
                    .anonymous(
                            new Grants(
                                    List.of("demo:*"),
                                    NOTHING,
                                    NOTHING,
                                    List.of("library.*"),
                                    false));

    @Test
    void listsItsBooks() throws Exception {
        var books = new JsonObject(call("list", "").body()).getJsonArray("data");
        assertThat(books).hasSize(12);
        assertThat(books.getJsonObject(1))
                .isEqualTo(
                        new JsonObject()
                                .put("id", 2)
                                .put("title", "Moby-Dick")
                                .put("author", "Herman Melville")
                                .put("year", 1851)
                                .put("version", 0));
    }

    @Test
    void tellsEverybodyOfEachChange() throws Exception {
        try (var stream = new SseReader(hub, "/sse?channel=demo:library", "")) {
            stream.next();
            long before = System.currentTimeMillis();
            JsonObject borrowed = book(call("borrow", ask(2, "Ann")));
            assertThat(new JsonObject(stream.message().data())).isEqualTo(borrowed);
            assertThat(borrowed.getString("borrowedBy")).isEqualTo("Ann");
            assertThat(borrowed.getBoolean("guest")).isTrue();
            assertThat(borrowed.getLong("since")).isBetween(before, System.currentTimeMillis());

            JsonObject returned = book(call("return", ask(2, "Ann")));
            assertThat(new JsonObject(stream.message().data())).isEqualTo(returned);
            assertThat(returned.fieldNames())
                    .containsExactlyInAnyOrder("id", "title", "author", "year", "version");
            assertThat(returned.getLong("version")).isEqualTo(2);
        }
    }

    @Test
    void ofTwoWhoAskAtOnceOneGetsTheBookAndTheOtherLearnsWhoHasIt() throws Exception {
        ExecutorService readers = Executors.newFixedThreadPool(8);
        try {
            CyclicBarrier together = new CyclicBarrier(8);
            List<Future<HttpResponse<String>>> asked = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                String name = "reader " + i;
                asked.add(
                        readers.submit(
                                () -> {
                                    together.await(10, TimeUnit.SECONDS);
                                    return call("borrow", ask(5, name));
                                }));
            }
            String winner = null;
            List<String> refusals = new ArrayList<>();
            for (Future<HttpResponse<String>> each : asked) {
                HttpResponse<String> answer = each.get(20, TimeUnit.SECONDS);
                if (answer.statusCode() == 200) {
                    assertThat(winner).isNull();
                    winner = book(answer).getString("borrowedBy");
                } else {
                    assertThat(answer.statusCode()).isEqualTo(409);
                    refusals.add(new JsonObject(answer.body()).getString("message"));
                }
            }
            assertThat(winner).isNotNull();
            assertThat(refusals)
                    .hasSize(7)
                    .containsOnly("Adventures of Huckleberry Finn is borrowed by " + winner + ".");
        } finally {
            readers.shutdownNow();
        }
    }

    @Test
    void takesABookBackFromWhoHasItAlone() throws Exception {
        assertRefused("return", ask(2, "Ann"), 409, "Moby-Dick is on the shelf already.");
        assertThat(call("borrow", ask(2, "Ann")).statusCode()).isEqualTo(200);
        assertRefused("return", ask(2, "Bob"), 403, "Moby-Dick is for Ann to return.");
        assertRefused("borrow", ask(2, "Ann"), 409, "Moby-Dick is borrowed by Ann.");
        assertThat(call("return", ask(2, " Ann ")).statusCode()).isEqualTo(200);
    }

    @Test
    void aTokensUserCountsAndNotTheNameThatWasSent() throws Exception {
        Grants grants = new Grants(NOTHING, NOTHING, NOTHING, List.of("library.*"), false);
        Rest alice = new Rest(hub, hub.token("alice", grants, Duration.ofMinutes(5)));
        JsonObject borrowed = book(call(alice, "borrow", ask(2, "Ann")));
        assertThat(borrowed.getString("borrowedBy")).isEqualTo("alice");
        assertThat(borrowed.getBoolean("guest")).isFalse();
        assertRefused("return", ask(2, "alice"), 403, "for alice to return");
        assertThat(call(alice, "return", "{\"book\":2}").statusCode()).isEqualTo(200);
    }

    @Test
    void refusesWhatItCannotRead() throws Exception {
        assertRefused("borrow", ask(13, "Ann"), 404, "There is no book 13.");
        assertRefused("return", ask(-1, "Ann"), 404, "There is no book -1.");
        assertRefused("borrow", "{\"book\":\"2\",\"name\":\"Ann\"}", 400, "book: 2 (expected");
        assertRefused("borrow", "{\"book\":2.5,\"name\":\"Ann\"}", 400, "book: 2.5");
        assertRefused("borrow", "{\"name\":\"Ann\"}", 400, "book: null");
        assertRefused("borrow", "[2]", 400, "data");
        assertRefused("borrow", "", 400, "data");
        for (String name : List.of("", "  ", "x".repeat(41), "a\\nb")) {
            assertRefused("borrow", ask(2, name), 400, "name");
        }
        assertRefused("borrow", "{\"book\":2}", 400, "name");
        assertRefused("borrow", "{\"book\":2,\"name\":7}", 400, "name");
    }

    private void assertRefused(String service, String data, int status, String says)
            throws Exception {
        HttpResponse<String> response = call(service, data);
        assertThat(response.statusCode()).isEqualTo(status);
        assertThat(new JsonObject(response.body()).getString("message")).contains(says);
    }

    private static JsonObject book(HttpResponse<String> response) {
        assertThat(response.statusCode()).isEqualTo(200);
        return new JsonObject(response.body()).getJsonObject("data");
    }

    private static String ask(int book, String name) {
        return "{\"book\":" + book + ",\"name\":\"" + name + "\"}";
    }

    private HttpResponse<String> call(String service, String data) throws Exception {
        return call(new Rest(hub, ""), service, data);
    }

    private static HttpResponse<String> call(Rest rest, String service, String data)
            throws Exception {
        return rest.send("/api/v1/services/library." + service, "application/json", data);
    }
}
