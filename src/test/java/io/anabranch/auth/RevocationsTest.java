package io.anabranch.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.auth.Revocation.Claim;
import io.anabranch.auth.Revocation.Target;
import io.anabranch.message.Refusal;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RevocationsTest {
    private static final long NOW = 1_795_000_000_000L;
    private static final Target ALICE = new Target(Claim.SUB, "alice");
    private static final Target ONE = new Target(Claim.JTI, "t1");

    private final AtomicLong clock = new AtomicLong(NOW);

    @TempDir Path directory;
    private Vertx vertx;

    @BeforeEach
    void startVertx() {
        vertx = Vertx.vertx();
    }

    @AfterEach
    void stopVertx() throws Exception {
        get(vertx.close());
    }

    @Test
    void ofAUserConcernTokensThatWereIssuedBefore() throws Exception {
        Revocations revocations = open(RevocationStore.none());
        get(revocations.revoke(until(ALICE, NOW, Revocation.UNTIL_LIFTED)));

        assertThat(revocations.isRevoked(principal("alice", NOW - 1, null))).isTrue();
        assertThat(revocations.isRevoked(principal("alice", 0, null))).as("without iat").isTrue();
        assertThat(revocations.isRevoked(principal("alice", NOW, null))).isFalse();
        assertThat(revocations.isRevoked(principal("bob", NOW - 1, null))).isFalse();
        assertThat(revocations.isRevoked(principal(null, NOW - 1, "alice"))).isFalse();
        assertThatThrownBy(() -> revocations.requireNotRevoked(principal("alice", NOW - 1, null)))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.status()).isEqualTo(401))
                .hasMessageContaining("issued before 2026-11-18T11:06:40Z are, and those without")
                .hasMessageContaining("(expected: a new one)");
    }

    @Test
    void ofATokenConcernThatOneAlone() throws Exception {
        Revocations revocations = open(RevocationStore.none());
        get(revocations.revoke(until(ONE, Revocation.ALL, Revocation.UNTIL_LIFTED)));

        assertThat(revocations.isRevoked(principal("alice", NOW + 1, "t1"))).isTrue();
        assertThat(revocations.isRevoked(principal("alice", NOW - 1, "t2"))).isFalse();
        assertThat(revocations.isRevoked(principal("t1", NOW - 1, null))).isFalse();
    }

    @Test
    void endByThemselvesAndAreForgotten() throws Exception {
        Path file = directory.resolve("revocations.db");
        Revocations revocations = open(new SqliteRevocations(vertx, file));
        get(revocations.revoke(until(ALICE, NOW, NOW + 10)));
        get(revocations.revoke(until(ONE, Revocation.ALL, NOW + 20)));

        clock.set(NOW + 10);

        assertThat(revocations.isRevoked(principal("alice", NOW - 1, null))).isFalse();
        assertThat(revocations.isRevoked(principal("alice", NOW - 1, "t1"))).isTrue();
        assertThat(ids(revocations)).containsExactly("jti:t1");
        get(revocations.forgetEnded());
        assertThat(get(new SqliteRevocations(vertx, file).load()))
                .extracting(it -> it.target().id())
                .containsExactly("jti:t1");
    }

    @Test
    void areWidenedByARepetitionAndNeverNarrowed() throws Exception {
        Revocations revocations = open(RevocationStore.none());
        get(revocations.revoke(until(ALICE, NOW, NOW + 1_000)));

        Revocation narrower = get(revocations.revoke(until(ALICE, NOW - 500, NOW + 10)));
        assertThat(narrower).isEqualTo(new Revocation(ALICE, NOW, NOW, NOW + 1_000));
        Revocation wider = get(revocations.revoke(until(ALICE, NOW + 5, NOW + 2_000)));
        assertThat(wider).isEqualTo(new Revocation(ALICE, NOW + 5, NOW, NOW + 2_000));

        clock.set(NOW + 3_000);
        Revocation afresh = get(revocations.revoke(until(ALICE, NOW - 1, NOW + 4_000)));
        assertThat(afresh)
                .as("the earlier one has ended")
                .isEqualTo(new Revocation(ALICE, NOW - 1, NOW, NOW + 4_000));
    }

    @Test
    void areToldToWhoListensWhenTheyCount() throws Exception {
        Revocations revocations = open(RevocationStore.none());
        List<Boolean> counted = new ArrayList<>();
        revocations.listen(
                it -> counted.add(revocations.isRevoked(principal("alice", NOW - 1, null))));
        get(revocations.revoke(until(ALICE, NOW, NOW + 1_000)));
        assertThat(counted).containsExactly(true);
    }

    @Test
    void outliveTheProcessUnlessTheyWereLifted() throws Exception {
        Path file = directory.resolve("made/on/the/way/revocations.db");
        Revocations before = open(new SqliteRevocations(vertx, file));
        Target odd = new Target(Claim.SUB, "a'; DROP TABLE revocation; -- \u00e9:/ \ud83d\ude00");
        Revocation ofOdd = until(odd, NOW, Revocation.UNTIL_LIFTED);
        get(before.revoke(ofOdd));
        get(before.revoke(until(ALICE, NOW, NOW + 1_000)));
        get(before.revoke(until(ONE, Revocation.ALL, NOW + 1_000)));
        assertThat(get(before.lift(ONE))).isTrue();
        assertThat(get(before.lift(ONE))).isFalse();

        Revocations after = open(new SqliteRevocations(vertx, file));

        assertThat(after.list("", 10)).containsExactly(ofOdd, until(ALICE, NOW, NOW + 1_000));
        assertThat(after.isRevoked(principal("alice", NOW - 1, "t1"))).isTrue();
        assertThat(after.isRevoked(principal("bob", NOW - 1, "t1"))).isFalse();
    }

    @Test
    void refuseToStartWithoutTheirFile() throws Exception {
        Path file = directory.resolve("revocations.db");
        Files.writeString(file, "not a database, but long enough to look like one".repeat(50));
        assertThatThrownBy(() -> open(new SqliteRevocations(vertx, file)))
                .hasRootCauseInstanceOf(Refusal.class)
                .hasMessageContaining("what was revoked is good again")
                .hasMessageContaining(file.toString());
        assertThat(Files.readString(file, StandardCharsets.UTF_8)).startsWith("not a database");
    }

    @Test
    void countUntilTheEndEvenWhereTheyCannotBeStored() throws Exception {
        Path file = directory.resolve("revocations.db");
        Revocations revocations = open(new SqliteRevocations(vertx, file));
        Files.delete(file);
        Files.createDirectory(file);

        assertThatThrownBy(() -> get(revocations.revoke(until(ALICE, NOW, NOW + 1_000))))
                .hasMessageContaining(
                        "sub:alice is revoked until the hub stops, and not for longer");
        assertThat(revocations.isRevoked(principal("alice", NOW - 1, null))).isTrue();
    }

    @Test
    void areBoundedInNumber() throws Exception {
        Revocations revocations = get(Revocations.open(RevocationStore.none(), 2, clock::get));
        get(revocations.revoke(until(ALICE, NOW, NOW + 1_000)));
        get(revocations.revoke(until(ONE, Revocation.ALL, NOW + 1_000)));
        Target third = new Target(Claim.JTI, "t3");

        assertThatThrownBy(() -> revocations.revoke(until(third, Revocation.ALL, NOW + 1_000)))
                .isInstanceOfSatisfying(
                        Refusal.class, refusal -> assertThat(refusal.status()).isEqualTo(507))
                .hasMessageContaining("2 are held");
        get(revocations.revoke(until(ALICE, NOW + 1, NOW + 1_000)));
        assertThat(get(revocations.lift(ONE))).isTrue();
        get(revocations.revoke(until(third, Revocation.ALL, NOW + 1_000)));
    }

    @Test
    void areListedInPages() throws Exception {
        Revocations revocations = open(RevocationStore.none());
        for (int i = 0; i < 5; i++) {
            get(revocations.revoke(until(new Target(Claim.SUB, "u" + i), NOW, NOW + 1_000)));
        }
        assertThat(revocations.list("", 2))
                .extracting(it -> it.target().value())
                .containsExactly("u0", "u1");
        assertThat(revocations.list("sub:u1", 9))
                .extracting(it -> it.target().value())
                .containsExactly("u2", "u3", "u4");
    }

    private static List<String> ids(Revocations revocations) {
        return revocations.list("", 100).stream().map(it -> it.target().id()).toList();
    }

    private static Revocation until(Target target, long issuedBefore, long until) {
        return new Revocation(target, issuedBefore, NOW, until);
    }

    private static Principal principal(@Nullable String user, long issuedAt, @Nullable String jti) {
        return new Principal(user, Permissions.NONE, NOW + 60_000, issuedAt, jti);
    }

    private Revocations open(RevocationStore store) throws Exception {
        return get(Revocations.open(store, 100, clock::get));
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }
}
