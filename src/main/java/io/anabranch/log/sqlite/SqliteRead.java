package io.anabranch.log.sqlite;

import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.message.Channel;
import io.anabranch.message.Message;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page. It merges the places of the channels asked for, or, where that is more work, walks
 * through all messages. What it needs from the file it asks for in a second run, on a thread that
 * may wait; cuts are looked at last, as what they take from the file is gone only after them.
 */
final class SqliteRead {
    /** How many places of the log one page walks through at most. */
    private static final int MAX_WALK = 8_192;

    /** Finding a channel's places in the table costs as much as walking through so many rows. */
    private static final int ROWS_PER_SEEK = 8;

    private final View view;
    private final Query query;
    private final Span span;
    private final List<Message> messages = new ArrayList<>();
    private int bytes;
    private int walked;

    /** All up to here has been read. */
    private long at;

    SqliteRead(View view, Query query) {
        this.view = view;
        this.query = query;
        this.span = Span.of(query, view.head());
        this.at = span.after();
    }

    /** The page; null when it cannot be had without the file. */
    @Nullable Page inMemory() {
        try {
            return run(null) ? page() : null;
        } catch (SQLException e) {
            throw new IllegalStateException("without a file", e);
        }
    }

    /** Goes on where {@link #inMemory()} had to stop. */
    Page fromDisk(Rows rows) throws SQLException {
        if (!run(rows)) {
            throw new IllegalStateException("needs more than the file");
        }
        return page();
    }

    private boolean run(@Nullable Rows rows) throws SQLException {
        while (at < span.upTo() && !isFull() && walked < MAX_WALK) {
            if (!step(rows)) {
                return false;
            }
        }
        return true;
    }

    private boolean step(@Nullable Rows rows) throws SQLException {
        Candidates candidates = new Candidates(at, span.upTo(), query.maxMessages() + 1);
        boolean walk;
        synchronized (view) {
            Collection<ChannelState> channels = view.matching(query.patterns(), mostChannels());
            walk = query.lastPerChannel() == 0 && isWalkLess(channels);
            if (!walk) {
                for (ChannelState channel : channels) {
                    if (query.lastPerChannel() > 0) {
                        candidates.addNewest(channel, query.lastPerChannel());
                    } else {
                        candidates.addFirst(channel);
                    }
                }
                candidates.fill(view.hot());
            }
        }
        return walk ? walk(rows) : take(candidates, rows);
    }

    /** With more channels than this, walking through the messages is less work in any case. */
    private long mostChannels() {
        return query.lastPerChannel() > 0
                ? Long.MAX_VALUE
                : Math.min(span.upTo() - at, MAX_WALK) / ROWS_PER_SEEK + 1;
    }

    /** Compares seeks with the rows to walk through until the page is full. */
    private boolean isWalkLess(Collection<ChannelState> channels) {
        long most = mostChannels();
        if (channels.size() >= most) {
            return true;
        }
        long wanted = channels.stream().mapToLong(ChannelState::count).sum();
        long page = Math.min(query.maxMessages(), MAX_WALK);
        long rows = page * view.messages() / Math.max(1, wanted);
        return (long) channels.size() * ROWS_PER_SEEK > rows;
    }

    private boolean take(Candidates candidates, @Nullable Rows rows) throws SQLException {
        if (rows == null && candidates.needDisk()) {
            return false;
        }
        List<Candidates.Place> places = candidates.sorted(rows);
        for (Candidates.Place place : places) {
            if (isFull()) {
                return true;
            }
            Message message = place.message();
            if (message == null && rows != null) {
                message = rows.message(place.seq(), place.channel());
            }
            at = place.seq();
            if (message != null) {
                add(message);
            }
        }
        at = candidates.complete();
        return true;
    }

    private boolean walk(@Nullable Rows rows) throws SQLException {
        long hotFrom;
        synchronized (view) {
            hotFrom = view.hot().from();
            if (at >= hotFrom) {
                walkHot();
                return true;
            }
        }
        if (rows == null) {
            return false;
        }
        int most = MAX_WALK - walked;
        int[] seen = {0};
        at =
                rows.walk(
                        at,
                        Math.min(span.upTo(), hotFrom),
                        most,
                        id -> {
                            seen[0]++;
                            return wanted(id);
                        },
                        message -> {
                            add(message);
                            return !isFull();
                        });
        walked += seen[0];
        return true;
    }

    private void walkHot() {
        HotCache hot = view.hot();
        for (int i = hot.firstAfter(at); i < hot.size(); i++) {
            Message message = hot.get(i);
            if (message.id().seq() > span.upTo()) {
                break;
            }
            if (isFull() || walked == MAX_WALK) {
                return;
            }
            walked++;
            at = message.id().seq();
            if (query.matches(message.channel())) {
                add(message);
            }
        }
        at = span.upTo();
    }

    private @Nullable Channel wanted(long id) {
        ChannelState state = view.channel(id);
        return state != null && query.matches(state.channel()) ? state.channel() : null;
    }

    private void add(Message message) {
        messages.add(message);
        bytes += message.size();
    }

    private boolean isFull() {
        return messages.size() >= query.maxMessages() || bytes >= query.maxBytes();
    }

    private Page page() {
        synchronized (view) {
            List<Message> held = messages.stream().filter(this::isHeld).toList();
            List<Page.Gap> gaps =
                    query.lastPerChannel() > 0 ? List.of() : view.gaps(query, span.after(), at);
            return new Page(held, gaps, span.reset(), span.head().at(at), at < span.upTo());
        }
    }

    private boolean isHeld(Message message) {
        return view.isHeld(message);
    }
}
