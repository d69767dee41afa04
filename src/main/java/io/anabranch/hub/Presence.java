package io.anabranch.hub;

import io.anabranch.log.LogClock;
import io.anabranch.message.Channel;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Who is subscribed to the channels whose presence is kept (protocol, sections 3, 5 and 6). A
 * member may have several connections, as it has while it changes transport, and when it gave a
 * client id it may be without one for {@link #GRACE_MS}: neither is a leave and a join. Of several
 * hubs each holds those who are connected to it, hears whom the others hold, and tells its own
 * readers: so a member that goes from one hub to another stays.
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

    /** How long a hub goes on holding whom another holds by now, so that all others know, in ms. */
    static final long HANDOVER_MS = 1_000;

    /** Changes of one channel that a beat tells at most. */
    static final int CHANGES_PER_BEAT = 50;

    /** How many members a snapshot names at most. */
    public static final int NAMED = 1_000;

    private final Predicate<Channel> kept;
    private final LogClock clock;
    private final Map<Channel, Room> rooms = new HashMap<>();
    private final Set<Room> changed = new LinkedHashSet<>();
    private final Queue<Absence> absences =
            new PriorityQueue<>(Comparator.comparingLong(Absence::end));
    private Consumer<Hold.Change> listener = change -> {};
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

    /**
     * Hands on from now on whom this hub holds, and whom no longer, in order. The listener is
     * called under this object's lock, and must not wait.
     */
    public synchronized void listen(Consumer<Hold.Change> onChange) {
        listener = onChange;
    }

    /** Whom this hub holds. */
    public synchronized List<Hold> holds() {
        List<Hold> holds = new ArrayList<>();
        for (Room room : rooms.values()) {
            room.members.values().stream()
                    .filter(member -> member.here)
                    .forEach(member -> holds.add(member.hold(room)));
        }
        return holds;
    }

    /** A connection of a member subscribed. Each is to be taken back by one leave or one loss. */
    public synchronized void enter(Channel channel, MemberId id, String session) {
        Room room = rooms.computeIfAbsent(channel, Room::new);
        Member member = member(room, id, session, clock.wallMs());
        member.connections++;
        member.absence = null;
        if (!member.here) {
            member.here = true;
            listener.accept(new Hold.Change(true, member.hold(room)));
        }
    }

    private Member member(Room room, MemberId id, String session, long since) {
        Member known = room.members.get(id);
        if (known != null) {
            return known;
        }
        Member member = new Member(id, session, since);
        room.members.put(id, member);
        members++;
        tell(room, member.change(true));
        return member;
    }

    /** A connection of a member unsubscribed: without another, the member leaves at once. */
    public synchronized void leave(Channel channel, MemberId id) {
        Room room = rooms.get(channel);
        Member member = withoutConnection(room, id);
        if (room != null && member != null) {
            letGo(room, member);
        }
    }

    /** A connection of a member ended: without another, the member leaves when it stays away. */
    public synchronized void lose(Channel channel, MemberId id) {
        Room room = rooms.get(channel);
        Member member = withoutConnection(room, id);
        if (room == null || member == null) {
            return;
        }
        if (!id.returns()) {
            letGo(room, member);
        } else {
            beAbsent(room, member, member.elsewhere.isEmpty() ? GRACE_MS : HANDOVER_MS);
        }
    }

    /** The member, when the connection that it now loses is its last one here. */
    private static @Nullable Member withoutConnection(@Nullable Room room, MemberId id) {
        Member member = room == null ? null : room.members.get(id);
        if (member == null || --member.connections > 0) {
            return null;
        }
        return member;
    }

    private void beAbsent(Room room, Member member, long forMs) {
        Absence absence = new Absence(room, member, clock.steadyMs() + Math.max(0, forMs));
        member.absence = absence;
        absences.add(absence);
    }

    /** Another hub holds a member. */
    public synchronized void holdElsewhere(String hub, Hold hold) {
        if (!isKept(hold.channel())) {
            return;
        }
        Room room = rooms.computeIfAbsent(hold.channel(), Room::new);
        Member member = member(room, hold.id(), hold.session(), hold.since());
        member.addElsewhere(hub);
        Absence absence = member.absence;
        if (absence != null && absence.end > clock.steadyMs() + HANDOVER_MS) {
            beAbsent(room, member, HANDOVER_MS);
        }
    }

    /** Another hub holds a member no longer. */
    public synchronized void letGoElsewhere(String hub, Channel channel, MemberId id) {
        Room room = rooms.get(channel);
        Member member = room == null ? null : room.members.get(id);
        if (room != null && member != null && member.elsewhere.contains(hub)) {
            member.elsewhere.remove(hub);
            removeUnlessHeld(room, member);
        }
    }

    /** Another hub holds these, and nobody else. */
    public synchronized void replaceElsewhere(String hub, Collection<Hold> holds) {
        Set<Place> kept = new HashSet<>();
        for (Hold hold : holds) {
            kept.add(new Place(hold.channel(), hold.id()));
            holdElsewhere(hub, hold);
        }
        for (Place place : placesElsewhere(hub)) {
            if (!kept.contains(place)) {
                letGoElsewhere(hub, place.channel, place.id);
            }
        }
    }

    /**
     * Another hub has ended. Its members have a connection to it no more, so they leave, but those
     * who may return have their time for that.
     *
     * @param agoMs when it was heard of last
     */
    public synchronized void hubEnded(String hub, long agoMs) {
        for (Place place : placesElsewhere(hub)) {
            Room room = rooms.get(place.channel);
            Member member = room == null ? null : room.members.get(place.id);
            if (room == null || member == null) {
                continue;
            }
            if (place.id.returns() && member.connections == 0 && member.absence == null) {
                beAbsent(room, member, GRACE_MS - agoMs);
            }
            letGoElsewhere(hub, place.channel, place.id);
        }
    }

    private List<Place> placesElsewhere(String hub) {
        List<Place> places = new ArrayList<>();
        for (Room room : rooms.values()) {
            room.members.values().stream()
                    .filter(member -> member.elsewhere.contains(hub))
                    .forEach(member -> places.add(new Place(room.channel, member.id)));
        }
        return places;
    }

    private void letGo(Room room, Member member) {
        if (member.here) {
            member.here = false;
            listener.accept(new Hold.Change(false, member.hold(room)));
        }
        member.absence = null;
        removeUnlessHeld(room, member);
    }

    private void removeUnlessHeld(Room room, Member member) {
        if (member.here || member.absence != null || !member.elsewhere.isEmpty()) {
            return;
        }
        room.members.remove(member.id);
        members--;
        tell(room, member.change(false));
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

    /** Who is there now, in the order in which this hub heard of them. */
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
            if (absence.equals(member.absence)) {
                letGo(absence.room, member);
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
        final MemberId id;
        final String session;
        final long since;

        /** To this hub. */
        int connections;

        /** Whether this hub holds it. */
        boolean here;

        /** Which other hubs hold it. */
        Set<String> elsewhere = Set.of();

        @Nullable Absence absence;

        Member(MemberId id, String session, long since) {
            this.id = id;
            this.session = session;
            this.since = since;
        }

        void addElsewhere(String hub) {
            if (elsewhere.isEmpty()) {
                elsewhere = new HashSet<>(2);
            }
            elsewhere.add(hub);
        }

        Hold hold(Room room) {
            return new Hold(room.channel, id, session, since);
        }

        PresenceNews.Change change(boolean joined) {
            return new PresenceNews.Change(joined, id, session);
        }
    }

    private record Place(Channel channel, MemberId id) {}

    /** A member without a connection, until {@code end} by {@link LogClock#steadyMs()}. */
    private record Absence(Room room, Member member, long end) {}
}
