package io.anabranch.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.message.Channel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The presence of several hubs, which hear of each other late. */
class SharedPresenceTest {
    private static final Channel LOBBY = new Channel("chat:lobby");
    private static final MemberId ALICE = MemberId.ofClient("alice", "client-a");
    private static final MemberId BOB = MemberId.ofSession("bob", "session-b");
    private static final String ELSEWHERE = "another";

    private long now = 1_000_000;
    private final Presence presence = new Presence(channel -> true, () -> now);

    @Test
    void membersOfAnotherHubComeAndGo() {
        presence.holdElsewhere(ELSEWHERE, hold(BOB, "session-b"));
        presence.holdElsewhere(ELSEWHERE, hold(BOB, "session-b"));
        assertThat(beat()).containsExactly("+bob session-b");
        assertThat(presence.holds()).isEmpty();
        presence.letGoElsewhere(ELSEWHERE, LOBBY, BOB);
        presence.letGoElsewhere(ELSEWHERE, LOBBY, BOB);
        assertThat(beat()).containsExactly("-bob session-b");
    }

    @Test
    void whoeverGoesToAnotherHubIsLetGoHereWhenAllKnow() {
        List<String> told = new ArrayList<>();
        presence.listen(it -> told.add((it.begins() ? "+" : "-") + it.hold().session()));
        presence.enter(LOBBY, ALICE, "s1");
        presence.lose(LOBBY, ALICE);
        presence.holdElsewhere(ELSEWHERE, hold(ALICE, "s1"));
        assertThat(told).containsExactly("+s1");
        now += Presence.HANDOVER_MS;
        assertThat(beat()).containsExactly("+alice s1");
        assertThat(told).containsExactly("+s1", "-s1");
        presence.letGoElsewhere(ELSEWHERE, LOBBY, ALICE);
        assertThat(beat()).containsExactly("-alice s1");
    }

    @Test
    void membersOfAHubThatHasEndedLeaveButForThoseWhoMayReturn() {
        presence.holdElsewhere(ELSEWHERE, hold(ALICE, "s1"));
        presence.holdElsewhere(ELSEWHERE, hold(BOB, "session-b"));
        beat();
        presence.hubEnded(ELSEWHERE, 4_000);
        assertThat(beat()).containsExactly("-bob session-b");
        now += Presence.GRACE_MS - 4_001;
        assertThat(beat()).isEmpty();
        now += 1;
        assertThat(beat()).containsExactly("-alice s1");
    }

    @Test
    void whoeverIsNotInTheWholeAnswerIsGone() {
        presence.holdElsewhere(ELSEWHERE, hold(ALICE, "s1"));
        beat();
        presence.replaceElsewhere(ELSEWHERE, List.of(hold(BOB, "session-b")));
        assertThat(beat()).containsExactlyInAnyOrder("+bob session-b", "-alice s1");
    }

    /** Each hub's readers hear each change once, and in the end all hubs know the same. */
    @Test
    void newsAddUpAtEveryHub() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            List<Node> nodes = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                nodes.add(new Node(i));
            }
            for (int step = 0; step < 200; step++) {
                nodes.get(random.nextInt(3)).step(random);
                Node to = nodes.get(random.nextInt(3));
                to.hear(nodes.get(random.nextInt(3)), random.nextInt(4));
                if (random.nextInt(40) == 0) {
                    to.hearAll(nodes.get(random.nextInt(3)));
                }
                now += random.nextInt(2_000);
                to.tell();
            }
            for (int round = 0; round < 2; round++) {
                now += Presence.GRACE_MS;
                nodes.forEach(Node::tell);
                nodes.forEach(to -> nodes.forEach(from -> to.hear(from, Integer.MAX_VALUE)));
            }
            nodes.forEach(Node::tell);
            Set<MemberId> there = new HashSet<>();
            nodes.forEach(node -> there.addAll(node.connections.keySet()));
            for (Node node : nodes) {
                assertThat(node.known).as("hub %d, seed %d", node.number, seed).isEqualTo(there);
                assertThat(node.presence.snapshot(LOBBY).count()).isEqualTo(there.size());
            }
        }
    }

    /** One hub: its connections, what the others have yet to hear of it, and what was told. */
    private final class Node {
        final int number;
        final Presence presence = new Presence(channel -> true, () -> now);
        final Map<MemberId, Integer> connections = new HashMap<>();
        final Map<Integer, Queue<Hold.Change>> unheard = new HashMap<>();
        final Set<MemberId> known = new HashSet<>();
        private int sessions;

        Node(int number) {
            this.number = number;
            for (int other = 0; other < 3; other++) {
                unheard.put(other, new ArrayDeque<>());
            }
            presence.listen(change -> unheard.values().forEach(queue -> queue.add(change)));
        }

        void step(Random random) {
            MemberId id =
                    random.nextBoolean()
                            ? MemberId.ofClient("u", "client-" + random.nextInt(4))
                            : MemberId.ofSession("u", "s" + number + random.nextInt(3));
            int open = connections.getOrDefault(id, 0);
            if (open == 0 || (id.returns() && random.nextInt(3) == 0)) {
                presence.enter(LOBBY, id, number + " session " + sessions++);
                connections.put(id, open + 1);
                return;
            }
            if (random.nextBoolean()) {
                presence.leave(LOBBY, id);
            } else {
                presence.lose(LOBBY, id);
            }
            connections.merge(id, -1, (n, less) -> n + less == 0 ? null : n + less);
        }

        void hear(Node from, int most) {
            Queue<Hold.Change> queue = from.unheard.get(number);
            for (int i = 0; i < most && from != this && !queue.isEmpty(); i++) {
                Hold.Change change = queue.remove();
                Hold hold = change.hold();
                if (change.begins()) {
                    presence.holdElsewhere("" + from.number, hold);
                } else {
                    presence.letGoElsewhere("" + from.number, LOBBY, hold.id());
                }
            }
        }

        void hearAll(Node from) {
            if (from != this) {
                from.unheard.get(number).clear();
                presence.replaceElsewhere("" + from.number, from.presence.holds());
            }
        }

        void tell() {
            for (PresenceNews news : presence.beat()) {
                for (PresenceNews.Change change : news.changes()) {
                    assertThat(change.joined() ? known.add(change.id()) : known.remove(change.id()))
                            .isTrue();
                }
            }
        }
    }

    private static Hold hold(MemberId id, String session) {
        return new Hold(LOBBY, id, session, 1);
    }

    private List<String> beat() {
        return presence.beat().stream()
                .flatMap(news -> news.changes().stream())
                .map(it -> (it.joined() ? "+" : "-") + it.id().user() + " " + it.session())
                .toList();
    }
}
