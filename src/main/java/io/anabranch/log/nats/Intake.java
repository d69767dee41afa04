package io.anabranch.log.nats;

import io.anabranch.log.nats.NatsView.Place;
import io.anabranch.message.Channel;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Takes what stands in the stream into the view, place after place, and hands the messages on in
 * that order. It is given them by a run through the stream, or it learns from digests where they
 * stand: then a message that is wanted is waited for, or fetched, before anything behind it is
 * looked at. By any thread, one at a time.
 */
final class Intake {
    /** Messages that came before the digest that says where they stand, in bytes, about. */
    private static final long MOST_ARRIVED_BYTES = 32 << 20;

    private static final int OVERHEAD_BYTES = 512;

    /** Entries that wait: with more of them a run through the stream is faster. */
    private static final int MOST_WAITING = 20_000;

    private static final long PATIENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final Subjects subjects;
    private final Progress progress = new Progress();
    private final BiFunction<Place, MessageId, Future<Optional<Message>>> fetch;
    private final Runnable onTrouble;
    private final Deque<Entry> waiting = new ArrayDeque<>();
    private final Map<Long, io.nats.client.Message> arrived = new HashMap<>();
    private long arrivedBytes;
    private volatile @Nullable NatsView view;
    private Consumer<Message> tail = message -> {};
    private Predicate<Channel> wanted = channel -> true;
    private Consumer<MessageId> passed = id -> {};

    /** What is in the view and was not handed on yet, as its message is not here. */
    private @Nullable Awaited awaited;

    /** All up to here is known of, and waits if it was not taken. */
    private long known;

    /**
     * @param fetch asks the broker for the message at a place
     * @param onTrouble called when only a run through the stream can help
     */
    Intake(
            Subjects subjects,
            BiFunction<Place, MessageId, Future<Optional<Message>>> fetch,
            Runnable onTrouble) {
        this.subjects = subjects;
        this.fetch = fetch;
        this.onTrouble = onTrouble;
    }

    /** The view; null before the first {@link #begin}. */
    @Nullable NatsView view() {
        return view;
    }

    Progress progress() {
        return progress;
    }

    synchronized void tail(Consumer<Message> handler) {
        tail = handler;
    }

    /** See {@link io.anabranch.log.Log#narrow}. */
    synchronized void narrow(Predicate<Channel> onlyThese, Consumer<MessageId> onPassed) {
        wanted = onlyThese;
        passed = onPassed;
    }

    /** Goes on with another view, which has all up to {@code position}. */
    synchronized void begin(NatsView loaded, long position) {
        view = loaded;
        awaited = null;
        forgetWaiting();
        progress.restart(position, NatsFailure.unknown());
    }

    /** Takes in where something stands, into a view that is not in use yet. */
    void load(NatsView into, Entry entry) {
        Channel channel = subjects.messageChannel(entry.subject());
        Channel cut = subjects.cutChannel(entry.subject());
        if (channel != null) {
            into.add(channel, entry.seq(), null, entry.time());
        } else if (cut != null) {
            into.cut(cut, entry.cut(), entry.seq());
        }
    }

    /** Drops what waits, as a run through the stream brings it again. */
    synchronized void forgetWaiting() {
        waiting.clear();
        arrived.clear();
        arrivedBytes = 0;
        known = progress.position();
    }

    /** Up to where this hub knows what there is, taken or waiting. */
    synchronized long known() {
        return Math.max(known, progress.position());
    }

    /**
     * Takes the next that a run through the stream has found. Of two runs at once, while one takes
     * over from the other, each place counts once.
     *
     * @return whether it was the next
     */
    synchronized boolean take(NatsView into, Entry entry, io.nats.client.Message found) {
        if (into != view || entry.seq() <= progress.position()) {
            return false;
        }
        takeArrived(entry);
        Awaited first = awaited;
        if (first != null && first.entry().seq() == entry.seq()) {
            handOn(message(into, first, found));
        } else {
            if (first != null) {
                // The stream does not have it any more.
                pass(first.entry().seq());
            }
            takeIn(into, entry, found);
        }
        drain(into);
        return true;
    }

    /** Takes a part of the stream that begins no later than at {@link #known}. */
    synchronized void take(Digest digest) {
        NatsView into = view;
        if (into == null) {
            return;
        }
        long after = known();
        for (Entry entry : digest.entries()) {
            if (entry.seq() > after) {
                waiting.add(entry);
            }
        }
        known = Math.max(after, digest.to());
        drain(into);
        if (waiting.size() > MOST_WAITING) {
            onTrouble.run();
        }
    }

    /** Takes a message that the broker handed on as it stored it. */
    synchronized void arrived(io.nats.client.Message message) {
        long seq = Codec.number(message.getHeaders(), Codec.SEQUENCE);
        NatsView into = view;
        if (into == null || seq <= progress.position() || arrivedBytes > MOST_ARRIVED_BYTES) {
            return;
        }
        io.nats.client.Message before = arrived.put(seq, message);
        arrivedBytes += bytes(message) - (before == null ? 0 : bytes(before));
        Awaited first = awaited;
        if (first != null && first.entry().seq() == seq) {
            io.nats.client.Message found = takeArrived(first.entry());
            if (found != null) {
                handOn(message(into, first, found));
                drain(into);
            }
        }
    }

    private static long bytes(io.nats.client.Message message) {
        return message.getData().length + OVERHEAD_BYTES;
    }

    private void drain(NatsView into) {
        while (awaited == null && !waiting.isEmpty()) {
            Entry entry = waiting.remove();
            if (entry.seq() > progress.position()) {
                takeIn(into, entry, takeArrived(entry));
            }
        }
    }

    private io.nats.client.@Nullable Message takeArrived(Entry entry) {
        io.nats.client.Message found = arrived.remove(entry.seq());
        if (found == null) {
            return null;
        }
        arrivedBytes -= bytes(found);
        // What a stream had at this place that is no more is none of this one's.
        boolean isThis =
                entry.subject().equals(found.getHeaders().getFirst(Codec.SUBJECT))
                        && Codec.time(found.getHeaders(), entry.time()) == entry.time();
        return isThis ? found : null;
    }

    /** The view shows a message before it is known whether somebody wants it, so none is missed. */
    private void takeIn(NatsView into, Entry entry, io.nats.client.@Nullable Message found) {
        Channel channel = subjects.messageChannel(entry.subject());
        if (channel == null) {
            takeRecord(into, entry);
            progress.to(entry.seq());
            return;
        }
        MessageId prev = into.newest(channel);
        Awaited taken =
                new Awaited(entry, new Place(entry.seq(), channel, prev, null), System.nanoTime());
        Message message = found == null ? null : message(into, taken, found);
        into.add(channel, entry.seq(), message, entry.time());
        if (message != null) {
            handOn(message);
        } else if (wanted.test(channel)) {
            await(into, taken);
        } else {
            pass(entry.seq());
        }
    }

    private static Message message(NatsView into, Awaited taken, io.nats.client.Message found) {
        Place place = taken.place();
        return Codec.message(
                into.head().at(place.seq()),
                place.prev(),
                place.channel(),
                found.getHeaders(),
                found.getData(),
                taken.entry().time());
    }

    private void takeRecord(NatsView into, Entry entry) {
        Channel cut = subjects.cutChannel(entry.subject());
        if (cut != null) {
            into.cut(cut, entry.cut(), entry.seq());
        } else if (entry.subject().equals(subjects.epoch())) {
            // It says so itself when it is looked at.
            onTrouble.run();
        }
    }

    private void handOn(Message message) {
        awaited = null;
        progress.to(message.id().seq());
        tail.accept(message);
    }

    private void pass(long seq) {
        awaited = null;
        progress.to(seq);
        NatsView into = view;
        if (into != null) {
            passed.accept(into.head().at(seq));
        }
    }

    private void await(NatsView into, Awaited taken) {
        awaited = taken;
        Place place = taken.place();
        fetch.apply(place, into.head().at(place.seq()))
                .onSuccess(found -> fetched(into, taken, found))
                .onFailure(e -> onTrouble.run());
    }

    private synchronized void fetched(NatsView into, Awaited taken, Optional<Message> found) {
        if (into != view || awaited != taken) {
            return;
        }
        if (found.isEmpty()) {
            // Removed already, or not yet where the broker looked for it.
            onTrouble.run();
            return;
        }
        handOn(found.get());
        drain(into);
    }

    /** Whether a message that was asked for does not come. */
    synchronized boolean isStuck() {
        return awaited != null && System.nanoTime() - awaited.since() > PATIENCE_NANOS;
    }

    /**
     * A message that is in the view, and not here.
     *
     * @param since when it was looked for, as {@link System#nanoTime} counts
     */
    private record Awaited(Entry entry, Place place, long since) {}
}
