package io.anabranch.hub;

import io.anabranch.log.LogClock;
import io.anabranch.message.Channel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who is subscribed to the channels whose presence is kept (protocol, sections 3, 5 and 6). A
 * member may have several connections, as it has while it changes transport, and when it gave a
 * client id it may be without one for {@link #GRACE_MS}: neither is a leave and a join.
 *
 * <p>Changes are told by {@link #beat()}, so many of a channel in each. A storm, such as the end of
 * all connections behind one proxy, so costs the others a bounded amount a second, and who comes
 * back before it was told costs nothing. Safe for use by any thread.
 */
public final class Presence {
    /** How long a member with a client id may be without a connection, in ms. */
    public static final long GRACE_MS = 10_000;

    /** How often {@link #beat()} is to be called, in ms. */
    public static final long BEAT_MS = 100;

    /** Changes of one channel that a beat tells at most. */
    static final int CHANGES_PER_BEAT = 50;

    /** How many members a snapshot names at most. */
    public static final int NAMED = 1_000;

    private final Predicate<Channel> kept;
    private final LogClock clock;
    private final Map<Channel, Room> rooms = new HashMap<>();
    private final Set<Room> changed = new LinkedHashSet<>();
    private final Deque<Absence> absences = new ArrayDeque<>();
    private long members;

    /**
     * @param kept the channels whose presence is kept
     */
    public Presence(Predicate<Channel> kept, LogClock clock) {
        this.kept = kept;
        this.clock = clock;
    }

    public boolean isKept(Channel channel) {
        return kept.test(channel);
    }

    /** A connection of a member subscribed. Each is to be taken back by one leave or one loss. */
    public synchronized void enter(Channel channel, MemberId id, String session) {
        Room room = rooms.computeIfAbsent(channel, Room::new);
        Member member = room.members.get(id);
        if (member == null) {
            member = new Member(session, clock.wallMs());
            room.members.put(id, member);
            members++;
            tell(room, new PresenceNews.Change(true, id, session));
        }
        member.connections++;
        member.absence = null;
    }

    /** A connection of a member unsubscribed: without another, the member leaves at once. */
    public synchronized void leave(Channel channel, MemberId id) {
        Room room = rooms.get(channel);
        Member member = withoutConnection(room, id);
        if (room != null && member != null) {
            remove(room, id, member);
        }
    }

    /** A connection of a member ended: without another, the member leaves when it stays away. */
    public synchronized void lose(Channel channel, MemberId id) {
        Room room = rooms.get(channel);
        Member member = withoutConnection(room, id);
        if (room == null || member == null) {
            return;
        }
        if (id.returns()) {
            Absence absence = new Absence(room, id, member, clock.steadyMs() + GRACE_MS);
            member.absence = absence;
            absences.add(absence);
        } else {
            remove(room, id, member);
        }
    }

    /** The member, when the connection that it now loses is its last one. */
    private static @Nullable Member withoutConnection(@Nullable Room room, MemberId id) {
        Member member = room == null ? null : room.members.get(id);
        if (member == null || --member.connections > 0) {
            return null;
        }
        return member;
    }

    private void remove(Room room, MemberId id, Member member) {
        room.members.remove(id);
        members--;
        tell(room, new PresenceNews.Change(false, id, member.session));
        forgetIfEmpty(room);
    }

    private void tell(Room room, PresenceNews.Change change) {
        // Who came and went, or went and came, before it was told: nothing has changed.
        if (!room.untold.remove(change.opposite())) {
            room.untold.add(change);
        }
        changed.add(room);
    }

    private void forgetIfEmpty(Room room) {
        if (room.members.isEmpty() && room.untold.isEmpty()) {
            rooms.remove(room.channel);
            changed.remove(room);
        }
    }

    /** How many members there are, over all channels. */
    public synchronized long members() {
        return members;
    }

    /** Who is there now, the longest first. */
    public synchronized Snapshot snapshot(Channel channel) {
        Room room = rooms.get(channel);
        if (room == null) {
            return new Snapshot(0, List.of());
        }
        List<Present> users = new ArrayList<>();
        for (Map.Entry<MemberId, Member> entry : room.members.entrySet()) {
            if (users.size() == NAMED) {
                break;
            }
            Member member = entry.getValue();
            users.add(new Present(entry.getKey().user(), member.session, member.since));
        }
        return new Snapshot(room.members.size(), users);
    }

    /** What is to be told now. For one thread, each {@link #BEAT_MS}. */
    public synchronized List<PresenceNews> beat() {
        endAbsences(clock.steadyMs());
        List<PresenceNews> news = new ArrayList<>();
        for (Room room : List.copyOf(changed)) {
            List<PresenceNews.Change> changes = room.takeUntold();
            if (!changes.isEmpty()) {
                news.add(new PresenceNews(room.channel, changes));
            }
            if (room.untold.isEmpty()) {
                changed.remove(room);
                forgetIfEmpty(room);
            }
        }
        return news;
    }

    private void endAbsences(long now) {
        while (!absences.isEmpty() && absences.element().end <= now) {
            Absence absence = absences.remove();
            Member member = absence.member;
            // Whoever came back and went again has a later absence.
            if (member.connections == 0 && absence.equals(member.absence)) {
                remove(absence.room, absence.id, member);
            }
        }
    }

    /**
     * Who is on a channel.
     *
     * @param count of all members
     * @param users at most {@link #NAMED} of them
     */
    public record Snapshot(int count, List<Present> users) {}

    /**
     * One member.
     *
     * @param user the token's {@code sub}; null when there is none
     * @param session the connection by which it came
     * @param since when it came, in ms since 1970 UTC
     */
    public record Present(@Nullable String user, String session, long since) {}

    private static final class Room {
        final Channel channel;
        final Map<MemberId, Member> members = new LinkedHashMap<>();

        final Set<PresenceNews.Change> untold = new LinkedHashSet<>();

        Room(Channel channel) {
            this.channel = channel;
        }

        List<PresenceNews.Change> takeUntold() {
            List<PresenceNews.Change> taken = new ArrayList<>();
            Iterator<PresenceNews.Change> all = untold.iterator();
            while (all.hasNext() && taken.size() < CHANGES_PER_BEAT) {
                taken.add(all.next());
                all.remove();
            }
            return taken;
        }
    }

    private static final class Member {
        final String session;
        final long since;
        int connections;
        @Nullable Absence absence;

        Member(String session, long since) {
            this.session = session;
            this.since = since;
        }
    }

    /** A member without a connection, until {@code end} by {@link LogClock#steadyMs()}. */
    private record Absence(Room room, MemberId id, Member member, long end) {}
}
