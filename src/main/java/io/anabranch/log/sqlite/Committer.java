package io.anabranch.log.sqlite;

import io.anabranch.log.Appended;
import io.anabranch.log.Draft;
import io.anabranch.log.LogClock;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.vertx.core.Promise;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes messages of drafts, in one order for all: commits those that are durable before anybody
 * hears of them, hands on the others at once and commits them with the next. The writer's own.
 */
final class Committer {
    private static final Logger LOG = LoggerFactory.getLogger(Committer.class);
    private static final long TRY_AGAIN_MS = 250;

    private final View view;
    private final Store store;
    private final Sequencer sequencer;
    private final Keeper keeper;
    private final SqliteOptions.Bounds bounds;
    private final LogClock clock;

    /** Handed on and not in the file yet, in order. */
    private final Deque<Append> unwritten = new ArrayDeque<>();

    private long unwrittenBytes;
    private Deadline flush = Deadline.in(0);
    private long written;
    private volatile Consumer<Message> tail = message -> {};

    /** Why the last write failed; null when it did not. */
    private @Nullable Refusal trouble;

    private Deadline tryAgain = Deadline.in(0);
    private boolean toldOfDrops;

    Committer(
            View view,
            Store store,
            Sequencer sequencer,
            Keeper keeper,
            SqliteOptions.Bounds bounds,
            LogClock clock) {
        this.view = view;
        this.store = store;
        this.sequencer = sequencer;
        this.keeper = keeper;
        this.bounds = bounds;
        this.clock = clock;
        this.written = view.head().seq();
    }

    void tail(Consumer<Message> handler) {
        tail = handler;
    }

    /** All up to here is in the file. */
    long written() {
        return written;
    }

    boolean isFlushed() {
        return unwritten.isEmpty();
    }

    /** Whether the last write failed. */
    boolean isFailing() {
        return trouble != null;
    }

    /** Writes what was only handed on, when it has waited long enough. */
    void flushIfDue() {
        if (!unwritten.isEmpty() && flush.isOver()) {
            flush();
        }
    }

    void flush() {
        if (!unwritten.isEmpty() && mayTry() && !write(List.of())) {
            flush = Deadline.in(TRY_AGAIN_MS);
        }
        if (unwrittenBytes > bounds.unwrittenBytes()) {
            drop();
        }
    }

    /** Appends a batch: one commit for all, as far as one is needed. */
    void append(List<Job.Waiting> batch) {
        if (!reserve(batch.size())) {
            Refusal refusal = reason();
            batch.forEach(waiting -> waiting.promise().fail(refusal));
            return;
        }
        List<Append> appends = new ArrayList<>(batch.size());
        List<Repeat> repeats = new ArrayList<>();
        long now = clock.wallMs();
        long steady = clock.steadyMs();
        for (Job.Waiting waiting : batch) {
            Draft draft = waiting.draft();
            Optional<MessageId> earlier = sequencer.earlier(draft, steady);
            if (earlier.isPresent()) {
                repeats.add(new Repeat(earlier.get(), waiting.promise()));
            } else if (!mayTry() && sequencer.commitsFirst(draft)) {
                waiting.promise().fail(reason());
            } else {
                appends.add(sequencer.assign(draft, now, steady, waiting.promise()));
            }
        }
        answer(repeats, commit(appends));
    }

    /** Whether writing may succeed, as far as one knows without trying. */
    private boolean mayTry() {
        return trouble == null || tryAgain.isOver();
    }

    private Refusal reason() {
        return trouble == null ? SqliteFailure.closed() : trouble;
    }

    /** The first of a repeat may be on its way to the file, and then decides what is answered. */
    private record Repeat(MessageId first, Promise<Appended> promise) {}

    private void answer(List<Repeat> repeats, Set<MessageId> failed) {
        for (Repeat repeat : repeats) {
            if (failed.contains(repeat.first())) {
                repeat.promise().fail(reason());
            } else {
                repeat.promise().complete(new Appended(repeat.first(), true));
            }
        }
    }

    /** Gives the ids that came to nothing. */
    private Set<MessageId> commit(List<Append> appends) {
        int first = 0;
        while (first < appends.size() && !appends.get(first).commitFirst()) {
            first++;
        }
        List<Append> atOnce = appends.subList(0, first);
        publish(atOnce);
        writeLater(atOnce);
        if (unwrittenBytes > bounds.unwrittenBytes()) {
            flush();
        }
        List<Append> rest = appends.subList(first, appends.size());
        if (rest.isEmpty()) {
            return Set.of();
        }
        if (write(rest)) {
            publish(rest);
            return Set.of();
        }
        return undo(rest);
    }

    private void publish(List<Append> appends) {
        view.publish(appends);
        for (Append append : appends) {
            try {
                tail.accept(append.message());
            } catch (RuntimeException e) {
                LOG.error("the tail failed at {}", append.message().id(), e);
            }
            append.promise().complete(new Appended(append.message().id(), false));
        }
    }

    private void writeLater(List<Append> appends) {
        if (unwritten.isEmpty()) {
            flush = Deadline.in(bounds.writeBehindMs());
        }
        for (Append append : appends) {
            unwritten.add(append);
            unwrittenBytes += append.message().size();
        }
    }

    /** Takes back what had to be stored first; the rest is handed on all the same. */
    private Set<MessageId> undo(List<Append> appends) {
        Refusal refusal = reason();
        Set<MessageId> failed = new HashSet<>();
        List<Append> handedOn = new ArrayList<>();
        for (int i = appends.size() - 1; i >= 0; i--) {
            Append append = appends.get(i);
            if (append.commitFirst()) {
                failed.add(append.message().id());
                sequencer.undo(append);
            } else {
                handedOn.add(0, append);
            }
        }
        publish(handedOn);
        writeLater(handedOn);
        for (Append append : appends) {
            if (append.commitFirst()) {
                append.promise().fail(refusal);
            }
        }
        return failed;
    }

    /** Writes all that waits, and {@code appends} behind it. */
    private boolean write(List<Append> appends) {
        try {
            Step.run(
                    Step.Kind.COMMIT,
                    () -> {
                        store.transaction(!appends.isEmpty(), () -> writeAll(appends));
                        return unwritten.size() + appends.size();
                    });
        } catch (SQLException e) {
            tell(e);
            return false;
        }
        Append last = appends.isEmpty() ? unwritten.getLast() : appends.get(appends.size() - 1);
        written = last.message().id().seq();
        view.written(written);
        unwritten.clear();
        unwrittenBytes = 0;
        healed();
        return true;
    }

    private void writeAll(List<Append> appends) throws SQLException {
        Set<ChannelState> created = new HashSet<>();
        for (Append append : unwritten) {
            write(append, created);
        }
        for (Append append : appends) {
            write(append, created);
        }
    }

    private void write(Append append, Set<ChannelState> created) throws SQLException {
        ChannelState state = append.state();
        if (!state.isShown() && created.add(state)) {
            store.addChannel(state);
        }
        String dedup = append.draft().dedup();
        if (dedup != null) {
            store.addKey(append.message(), dedup);
        }
        if (append.message().id().seq() > state.cut()) {
            store.addMessage(append.message(), state.id());
        }
    }

    /** Sets ids apart before they are used, so that after a crash none is given out twice. */
    private boolean reserve(int howMany) {
        long left = sequencer.reserved() - sequencer.seq();
        if (left > Math.max(howMany, bounds.reservedIds() / 2)) {
            return true;
        }
        long upTo = sequencer.seq() + Math.max(2 * howMany, bounds.reservedIds());
        if (mayTry()) {
            try {
                Step.run(
                        Step.Kind.COMMIT,
                        () -> {
                            store.transaction(
                                    true, () -> store.setMeta(SqliteSchema.RESERVED, upTo));
                            return 1;
                        });
                sequencer.reserved(upTo);
                return true;
            } catch (SQLException e) {
                tell(e);
            }
        }
        return left >= howMany;
    }

    /** History lets go of what can neither be written nor kept in memory. */
    private void drop() {
        if (!toldOfDrops) {
            toldOfDrops = true;
            LOG.error(
                    "messages that are not durable leave the history without having been written");
        }
        while (unwrittenBytes > bounds.unwrittenBytes() / 2) {
            Append oldest = unwritten.remove();
            unwrittenBytes -= oldest.message().size();
            keeper.drop(oldest.state(), oldest.message());
            written = oldest.message().id().seq();
        }
        view.written(written);
    }

    private void tell(SQLException e) {
        if (trouble == null) {
            LOG.error("the log cannot be written: {}", e.getMessage());
        }
        trouble = SqliteFailure.ofAppend(e);
        tryAgain = Deadline.in(TRY_AGAIN_MS);
    }

    private void healed() {
        if (trouble != null) {
            LOG.info("the log can be written again");
        }
        trouble = null;
        toldOfDrops = false;
    }
}
