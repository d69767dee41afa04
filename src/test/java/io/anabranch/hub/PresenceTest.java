package io.anabranch.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.log.LogClock;
import io.anabranch.message.Channel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PresenceTest {
    private static final Channel LOBBY = new Channel("chat:lobby");
    private static final MemberId ALICE = MemberId.ofClient("alice", "client-a");
    private static final MemberId BOB = MemberId.ofSession("bob", "session-b");

    private long now = 1_000_000;
    private final Presence presence = new Presence(channel -> true, () -> now);

    @Test
    void tellsWhoCameAndWhoLeft() {
        presence.enter(LOBBY, ALICE, "s1");
        presence.enter(LOBBY, BOB, "session-b");
        assertThat(beat()).containsExactly("+alice s1", "+bob session-b");
        presence.leave(LOBBY, ALICE);
        presence.lose(LOBBY, BOB);
        assertThat(beat()).containsExactly("-alice s1", "-bob session-b");
        assertThat(beat()).isEmpty();
        assertThat(presence.snapshot(LOBBY).count()).isZero();
    }

    @Test
    void aSecondConnectionOfAClientIsNoSecondMember() {
        presence.enter(LOBBY, ALICE, "s1");
        presence.enter(LOBBY, ALICE, "s2");
        presence.lose(LOBBY, ALICE);
        now += 2 * Presence.GRACE_MS;
        assertThat(beat()).containsExactly("+alice s1");
        assertThat(presence.snapshot(LOBBY).users())
                .containsExactly(new Presence.Present("alice", "s1", 1_000_000));
    }

    @Test
    void anAbsenceLastsAsLongWhenTheClockIsSet() {
        AtomicLong wall = new AtomicLong(now);
        AtomicLong elapsed = new AtomicLong();
        Presence tested = new Presence(channel -> true, LogClock.of(wall::get, elapsed::get));
        for (long hours : new long[] {1, -1}) {
            tested.enter(LOBBY, ALICE, "s1");
            tested.beat();
            tested.lose(LOBBY, ALICE);
            wall.addAndGet(hours * 3_600_000);
            assertThat(tested.beat()).isEmpty();
            elapsed.addAndGet(Presence.GRACE_MS);
            assertThat(tested.beat()).hasSize(1);
        }
    }

    @Test
    void aClientThatReturnsInTimeHasNotLeft() {
        presence.enter(LOBBY, ALICE, "s1");
        beat();
        presence.lose(LOBBY, ALICE);
        now += Presence.GRACE_MS - 1;
        assertThat(beat()).isEmpty();
        assertThat(presence.snapshot(LOBBY).count()).isEqualTo(1);
        presence.enter(LOBBY, ALICE, "s2");
        now += 2;
        assertThat(beat()).isEmpty();
        presence.lose(LOBBY, ALICE);
        now += Presence.GRACE_MS - 1;
        assertThat(beat()).as("the second absence has its own time").isEmpty();
        now += 1;
        assertThat(beat()).containsExactly("-alice s1");
    }

    @Test
    void anEarlierAbsenceDoesNotEndALaterStay() {
        presence.enter(LOBBY, ALICE, "s1");
        presence.lose(LOBBY, ALICE);
        presence.enter(LOBBY, ALICE, "s2");
        presence.leave(LOBBY, ALICE);
        presence.enter(LOBBY, ALICE, "s3");
        presence.lose(LOBBY, ALICE);
        now += Presence.GRACE_MS / 2;
        presence.enter(LOBBY, ALICE, "s4");
        now += Presence.GRACE_MS;
        assertThat(beat()).containsExactly("+alice s3");
    }

    @Test
    void whoCameAndWentUntoldIsNoNews() {
        presence.enter(LOBBY, BOB, "session-b");
        presence.lose(LOBBY, BOB);
        assertThat(beat()).isEmpty();
    }

    @Test
    void tellsAStormInBoundedSteps() {
        int members = 3 * Presence.CHANGES_PER_BEAT + 1;
        for (int i = 0; i < members; i++) {
            presence.enter(LOBBY, MemberId.ofSession(null, "s" + i), "s" + i);
        }
        List<Integer> steps = new ArrayList<>();
        for (List<String> told = beat(); !told.isEmpty(); told = beat()) {
            steps.add(told.size());
        }
        assertThat(steps).containsExactly(50, 50, 50, 1);
    }

    @Test
    void namesABoundedNumberAndCountsAll() {
        for (int i = 0; i < Presence.NAMED + 5; i++) {
            presence.enter(LOBBY, MemberId.ofSession(null, "s" + i), "s" + i);
        }
        Presence.Snapshot snapshot = presence.snapshot(LOBBY);
        assertThat(snapshot.count()).isEqualTo(Presence.NAMED + 5);
        assertThat(snapshot.users()).hasSize(Presence.NAMED);
    }

    /** Whatever happens, who follows the news knows in the end who is there. */
    @Test
    void newsAddUpToTheSnapshot() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            Presence tested = new Presence(channel -> true, () -> now);
            Map<MemberId, Integer> connections = new HashMap<>();
            Map<String, Boolean> known = new HashMap<>();
            int sessions = 0;
            for (int step = 0; step < 200; step++) {
                MemberId id =
                        random.nextBoolean()
                                ? MemberId.ofClient("u", "client-" + random.nextInt(4))
                                : MemberId.ofSession("u", "s" + random.nextInt(4));
                int open = connections.getOrDefault(id, 0);
                if (open == 0 || (id.returns() && random.nextInt(3) == 0)) {
                    String session = id.returns() ? "session " + sessions++ : id.client();
                    tested.enter(LOBBY, id, session);
                    connections.put(id, open + 1);
                } else {
                    if (random.nextBoolean()) {
                        tested.leave(LOBBY, id);
                    } else {
                        tested.lose(LOBBY, id);
                    }
                    connections.put(id, open - 1);
                }
                now += random.nextInt(3_000);
                if (random.nextInt(4) == 0) {
                    apply(tested, known);
                }
            }
            now += Presence.GRACE_MS;
            apply(tested, known);
            List<String> there =
                    tested.snapshot(LOBBY).users().stream().map(Presence.Present::session).toList();
            assertThat(known.keySet())
                    .as("seed %d", seed)
                    .containsExactlyInAnyOrderElementsOf(there);
            long open = connections.values().stream().filter(count -> count > 0).count();
            assertThat(there).as("seed %d", seed).hasSize((int) open);
        }
    }

    private static void apply(Presence tested, Map<String, Boolean> known) {
        for (PresenceNews news : tested.beat()) {
            for (PresenceNews.Change change : news.changes()) {
                if (change.joined()) {
                    assertThat(known.put(change.session(), true)).isNull();
                } else {
                    assertThat(known.remove(change.session())).isTrue();
                }
            }
        }
    }

    private List<String> beat() {
        return presence.beat().stream()
                .flatMap(news -> news.changes().stream())
                .map(PresenceTest::text)
                .toList();
    }

    private static String text(PresenceNews.Change change) {
        String sign = change.joined() ? "+" : "-";
        return sign + change.id().user() + " " + change.session();
    }
}
