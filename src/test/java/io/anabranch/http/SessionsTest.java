package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.auth.Permissions;
import io.anabranch.auth.Principal;
import io.anabranch.auth.Revocation;
import io.anabranch.auth.Revocation.Claim;
import io.anabranch.auth.Revocation.Target;
import io.anabranch.auth.RevocationStore;
import io.anabranch.auth.Revocations;
import io.anabranch.message.ChannelPattern;
import io.anabranch.metrics.Metrics;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SessionsTest {
    private static final int MANY = 200;

    private final LiveSessions live = new LiveSessions(new TransportSwitches(new Metrics()));
    private final BlockingQueue<Closing> ends = new LinkedBlockingQueue<>();
    private Vertx vertx;
    private Revocations revocations;

    @BeforeEach
    void start() throws Exception {
        vertx = Vertx.vertx(new VertxOptions().setEventLoopPoolSize(2));
        revocations = get(Revocations.open(RevocationStore.none()));
    }

    @AfterEach
    void stop() throws Exception {
        get(vertx.close());
    }

    @Test
    void endOneWhoseTokenWasRevokedWhileItWasLetIn() throws Exception {
        Revocation ofAlice =
                new Revocation(new Target(Claim.SUB, "alice"), 1_000, 0, Revocation.UNTIL_LIFTED);
        get(revocations.revoke(ofAlice));
        Context loop = vertx.getOrCreateContext();
        Sessions sessions = loop(loop);
        onLoop(
                loop,
                () -> {
                    sessions.add(new FakeSession("1", "bob", 0));
                    sessions.add(new FakeSession("2", "alice", 1_000));
                    sessions.add(new FakeSession("3", "alice", 999));
                });
        assertThat(ends.poll(10, TimeUnit.SECONDS)).isEqualTo(Closing.REVOKED);
        onLoop(loop, () -> {});
        assertThat(ends).isEmpty();
    }

    @Test
    void endAFewATurnSoThatOthersHaveTheirs() throws Exception {
        Context loop = vertx.getOrCreateContext();
        Sessions sessions = loop(loop);
        onLoop(
                loop,
                () -> {
                    for (int i = 0; i < MANY; i++) {
                        sessions.add(new FakeSession("s" + i, "alice", 0));
                    }
                });
        Queue<Integer> seen = new ConcurrentLinkedQueue<>();
        CompletableFuture<Void> done = new CompletableFuture<>();
        loop.runOnContext(
                unused -> {
                    Future<Integer> ended = sessions.end(session -> true, Closing.REVOKED);
                    watch(loop, seen, done);
                    ended.onFailure(done::completeExceptionally);
                });
        done.get(10, TimeUnit.SECONDS);
        assertThat(seen).as("how many had ended at turns of another").contains(64, 128, MANY);
    }

    private void watch(Context loop, Queue<Integer> seen, CompletableFuture<Void> done) {
        loop.runOnContext(
                unused -> {
                    seen.add(ends.size());
                    if (ends.size() < MANY) {
                        watch(loop, seen, done);
                    } else {
                        done.complete(null);
                    }
                });
    }

    @Test
    void leaveOneThatHasAnotherTokenByNow() throws Exception {
        Context loop = vertx.getOrCreateContext();
        Sessions sessions = loop(loop);
        FakeSession last = new FakeSession("last", "alice", 0);
        onLoop(
                loop,
                () -> {
                    for (int i = 0; i < 64; i++) {
                        sessions.add(new FakeSession("s" + i, "alice", 0));
                    }
                    sessions.add(last);
                });
        CompletableFuture<Integer> matched = new CompletableFuture<>();
        loop.runOnContext(
                unused -> {
                    sessions.end(it -> it.principal().issuedAtMs() < 1_000, Closing.REVOKED)
                            .onSuccess(matched::complete);
                    loop.runOnContext(later -> last.issuedAtMs = 1_000);
                });
        assertThat(matched.get(10, TimeUnit.SECONDS)).isEqualTo(65);
        onLoop(loop, () -> {});
        onLoop(loop, () -> {});
        assertThat(ends).hasSize(64);
    }

    @Test
    void ofAllLoopsAreListedInTheOrderInWhichTheyWereOpened() throws Exception {
        List<Context> contexts = new ArrayList<>();
        List<Sessions> loops = new ArrayList<>();
        for (int i = 0; i < 2; i++) {
            Context context = vertx.getOrCreateContext();
            contexts.add(context);
            loops.add(loop(context));
        }
        for (int i = 1; i <= 9; i++) {
            Sessions sessions = loops.get(i % 2);
            FakeSession session = new FakeSession("s" + i, i % 3 == 0 ? "third" : "other", 0);
            onLoop(contexts.get(i % 2), () -> sessions.add(session));
        }
        assertThat(ids(get(live.list(session -> true, 0, 4))))
                .containsExactly("s1", "s2", "s3", "s4");
        List<SessionEntry> all = get(live.list(session -> true, 0, 9)).first();
        long third = all.get(2).number();
        long seventh = all.get(6).number();
        assertThat(ids(get(live.list(session -> true, seventh, 4)))).containsExactly("s8", "s9");
        Sessions.Part thirds =
                get(live.list(session -> "third".equals(session.principal().user()), third, 1));
        assertThat(ids(thirds)).containsExactly("s6");
        assertThat(thirds.count()).isEqualTo(3);
        assertThat(get(live.subscriptions())).containsEntry(new ChannelPattern("chat:*"), 9);
        assertThat(get(live.end(session -> session.id().equals("s5"), Closing.DISCONNECTED)))
                .isEqualTo(1);
    }

    private static List<String> ids(Sessions.Part part) {
        return part.first().stream().map(SessionEntry::id).toList();
    }

    private Sessions loop(Context context) throws Exception {
        CompletableFuture<Sessions> made = new CompletableFuture<>();
        context.runOnContext(unused -> made.complete(new Sessions(vertx, revocations, live)));
        Sessions sessions = made.get(10, TimeUnit.SECONDS);
        live.add(sessions);
        return sessions;
    }

    private static void onLoop(Context context, Runnable task) throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        context.runOnContext(
                unused -> {
                    task.run();
                    done.complete(null);
                });
        done.get(10, TimeUnit.SECONDS);
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    private final class FakeSession implements Session {
        private final String id;
        private final String user;
        private long issuedAtMs;

        FakeSession(String id, String user, long issuedAtMs) {
            this.id = id;
            this.user = user;
            this.issuedAtMs = issuedAtMs;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public Principal principal() {
            return new Principal(user, Permissions.NONE, 4_102_444_800_000L, issuedAtMs, null);
        }

        @Override
        public Collection<ChannelPattern> channels() {
            return List.of(new ChannelPattern("chat:*"));
        }

        @Override
        public State state() {
            return new State("sse", "127.0.0.1", null, "abcd-0", false);
        }

        @Override
        public void end(Closing closing) {
            ends.add(closing);
        }
    }
}
