package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.AppenderBase;
import io.anabranch.testing.Raw;
import io.anabranch.testing.Raw.Answer;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.SseReader.Block;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.slf4j.LoggerFactory;

/** Where tokens and tickets may be, and where they never are. */
class TokenPlacesTest {
    private static final String HISTORY = "/api/v1/channels/chat:a/messages";

    @RegisterExtension final TestHub hub = new TestHub().cookie("token");

    @Test
    void neverInTheUrl() throws Exception {
        String token = hub.token("alice");
        for (String name :
                List.of("token", "access_token", "authorization", "Authorization", "jwt")) {
            for (String path : List.of("/sse?channel=chat:a", HISTORY + "?limit=1")) {
                Answer answer = Raw.send(hub, "GET", path + "&" + name + "=" + token);
                assertThat(answer.status()).as(path + name).isEqualTo(400);
                assertThat(answer.body())
                        .contains(name + ": a parameter of the URL (expected: Authorization:")
                        .doesNotContain(token);
            }
        }
        try (WsClient socket = new WsClient(hub, "/ws?access_token=" + token, "")) {
            assertThat(socket.next("close").getInteger("code")).isEqualTo(4400);
        }
    }

    @Test
    void neverInALogLine() throws Exception {
        Queue<String> lines = new ConcurrentLinkedQueue<>();
        Logger root = (Logger) LoggerFactory.getLogger(Logger.ROOT_LOGGER_NAME);
        AppenderBase<ILoggingEvent> appender =
                new AppenderBase<>() {
                    @Override
                    protected void append(ILoggingEvent event) {
                        lines.add(
                                event.getFormattedMessage()
                                        + ThrowableProxyUtil.asString(event.getThrowableProxy()));
                    }
                };
        appender.start();
        root.addAppender(appender);
        Logger ours = (Logger) LoggerFactory.getLogger("io.anabranch");
        Level before = ours.getLevel();
        ours.setLevel(Level.ALL);
        List<String> tokens;
        try {
            tokens = sendTokensEverywhere();
            hub.stop();
            ours.info("the end of this test");
        } finally {
            ours.setLevel(before);
            root.detachAppender(appender);
        }
        assertThat(lines).contains("the end of this test");
        for (String token : tokens) {
            String signature = token.substring(token.lastIndexOf('.') + 1);
            assertThat(lines).noneMatch(line -> line.contains(signature));
        }
    }

    /** Good ones, wrong ones and expired ones, wherever a client may put one. */
    private List<String> sendTokensEverywhere() throws Exception {
        String good = hub.token("alice");
        String wrong = good.substring(0, good.length() - 6) + "WRONG6";
        String expired = hub.token("alice", List.of(), List.of(), Duration.ofSeconds(-5));
        List<String> tokens = List.of(good, wrong, expired);
        for (String token : tokens) {
            for (String path : List.of("/sse", HISTORY, "/ws", "/nothing", "/%zz")) {
                Raw.send(hub, "POST", path, "Authorization: Bearer " + token);
                Raw.send(hub, "POST", path, "Authorization: " + token);
                Raw.send(hub, "POST", path, "Cookie: token=" + token);
                Raw.send(hub, "POST", path, "Bad Header " + token + ": 1");
                Raw.send(hub, "GET", path + "?token=" + token);
                Raw.send(hub, "GET", path + "?ticket=" + token + "&channel=a");
                Raw.send(hub, "GET", "/" + token);
            }
            try (WsClient socket = new WsClient(hub, "/ws", token)) {
                socket.next();
            }
            try (WsClient socket = new WsClient(hub, "/ws", "")) {
                socket.send("{\"type\":\"auth\",\"ref\":1,\"token\":\"" + token + "\"}");
                socket.send("{\"type\":\"auth\",\"ref\":2,\"token\":\"" + token);
                socket.send("{\"type\":\"" + token + "\",\"ref\":3}");
                for (int i = 0; i < 4; i++) {
                    socket.next();
                }
            }
        }
        return tokens;
    }

    @Test
    void aTicketHasTheRightsAndTheEndOfItsToken() throws Exception {
        String token = hub.token("alice", List.of("chat:*"), List.of(), Duration.ofSeconds(3));
        Answer other = Raw.send(hub, "GET", "/sse?channel=game:a&ticket=" + ticket(token));
        assertThat(other.status()).isEqualTo(403);
        try (SseReader stream =
                new SseReader(hub, "/sse?channel=chat:a&ticket=" + ticket(token), "")) {
            Block block = stream.next();
            while (!block.event().equals("hub.close")) {
                block = stream.next();
            }
            assertThat(new JsonObject(block.data()).getInteger("code")).isEqualTo(4401);
        }
    }

    private String ticket(String token) throws Exception {
        Answer issued = Raw.send(hub, "POST", "/api/v1/tickets", "Authorization: Bearer " + token);
        return new JsonObject(issued.body()).getString("ticket");
    }

    @Test
    void aTicketLetsOneOfManyIn() throws Exception {
        String path = "/sse?ticket=" + ticket(hub.token("alice"));
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<Integer>> statuses =
                    IntStream.range(0, 8)
                            .mapToObj(i -> threads.submit(() -> status(path + "&channel=a")))
                            .toList();
            int letIn = 0;
            for (Future<Integer> status : statuses) {
                letIn += status.get() == 200 ? 1 : 0;
            }
            assertThat(letIn).isEqualTo(1);
        } finally {
            threads.shutdownNow();
        }
    }

    private int status(String path) throws Exception {
        try (var stream = new SseReader(hub, path, "")) {
            return stream.status();
        }
    }
}
