package io.anabranch.mercure;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.config.Config;
import io.anabranch.message.ChannelPattern;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Clients that are not ours, unchanged: PyPI's {@code mercure-publisher}, which signs its own
 * tokens, and npm's {@code eventsource}, which subscribers of Mercure are told to use.
 */
class IndependentClientsTest {
    private static final Path PYTHON = Path.of("src/test/python-independent");
    private static final Path NODE = Path.of("src/test/js-independent");
    private static final String BOOK = "https://example.com/books/1";

    @RegisterExtension
    final TestHub hub =
            new TestHub()
                    .protocols(
                            new Config.Protocols(
                                    new MercureOptions(
                                            List.of(new ChannelPattern("https:*")),
                                            "mercureAuthorization",
                                            false),
                                    null));

    private final List<Process> started = new ArrayList<>();

    @AfterEach
    void end() {
        started.forEach(Process::destroyForcibly);
    }

    private Process start(Path directory, Map<String, String> environment, String... command)
            throws Exception {
        ProcessBuilder builder = new ProcessBuilder(command).directory(directory.toFile());
        builder.environment().putAll(environment);
        builder.environment().put("NO_PROXY", "127.0.0.1");
        Process process = builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
        started.add(process);
        return process;
    }

    @Test
    void oneOfPypiPublishesAndOneOfNpmSubscribes() throws Exception {
        Path python = PYTHON.resolve(".venv/bin/python").toAbsolutePath();
        assertThat(Files.isExecutable(python)).as("%s: run src/test/run", python).isTrue();
        Process publisher =
                start(
                        PYTHON,
                        Map.of("HUB", hub.uri(Publish.PATH).toString(), "KEY", TestHub.secret()),
                        python.toString(),
                        "publish.py");
        JsonObject book = new JsonObject().put("topic", BOOK);
        String first = publish(publisher, book.copy().put("data", "before"));
        Process all = subscribe(Publish.token(hub, "subscribe", "*"));
        Process some = subscribe(Publish.token(hub, "subscribe"));
        String named = publish(publisher, book.copy().put("data", "named").put("id", "urn:a:1"));
        String secret = publish(publisher, book.copy().put("data", "secret").put("private", true));
        String both =
                publish(
                        publisher,
                        new JsonObject()
                                .put("topic", new JsonArray().add(BOOK).add(BOOK + "?lang=é"))
                                .put("data", new JsonObject().put("title", "é"))
                                .put("retry", 500));
        publish(publisher, book.copy().put("data", "end"));

        assertThat(named).isEqualTo("urn:a:1");
        assertThat(lines(some))
                .containsExactly(
                        first + " before", named + " named", both + " {\"title\": \"\\u00e9\"}");
        assertThat(lines(all))
                .containsExactly(
                        first + " before",
                        named + " named",
                        secret + " secret",
                        both + " {\"title\": \"\\u00e9\"}");
    }

    private Process subscribe(String token) throws Exception {
        String url = hub.uri(Publish.topics("https://example.com/books/{id}{?lang}")).toString();
        return start(
                NODE, Map.of("TOKEN", token), "node", "read.js", url + "&lastEventID=earliest");
    }

    private static String publish(Process publisher, JsonObject update) throws Exception {
        BufferedWriter out = publisher.outputWriter();
        out.write(update.encode());
        out.newLine();
        out.flush();
        BufferedReader in = publisher.inputReader();
        String id = in.readLine();
        assertThat(id).as("an id for %s", update).isNotNull();
        return id;
    }

    private static List<String> lines(Process subscriber) throws Exception {
        List<String> lines = subscriber.inputReader().lines().toList();
        assertThat(subscriber.waitFor(10, TimeUnit.SECONDS)).isTrue();
        return lines;
    }
}
