package io.anabranch.log.nats;

import io.anabranch.log.Page;
import io.anabranch.log.Query;
import io.anabranch.log.nats.NatsView.Place;
import io.anabranch.message.Message;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.function.Function;

/**
 * One page. It merges the places of the channels asked for, or, where that is more work, walks
 * through all places; then it fetches the messages that are not in memory; cuts are looked at last,
 * as what they take is gone only after them.
 */
final class NatsRead {
    /** How many places of the log one page walks through at most. */
    private static final int MAX_WALK = 8_192;

    /** Messages that are asked for at once, before it is looked at whether the page is full. */
    private static final int FETCHED_AT_ONCE = 32;

    private final NatsView view;
    private final Query query;
    private final Span span;
    private final Function<Place, Future<Optional<Message>>> fetch;
    private List<Place> chosen = new ArrayList<>();
    private final List<Message> messages = new ArrayList<>();
    private int bytes;

    /** All up to here has been read, when all that was chosen is in the page. */
    private long complete;

    /**
     * @param fetch gets what is not in memory; empty when it has been cut
     */
    NatsRead(
            NatsView view,
            Query query,
            Span span,
            Function<Place, Future<Optional<Message>>> fetch) {
        this.view = view;
        this.query = query;
        this.span = span;
        this.fetch = fetch;
    }

    Future<Page> page() {
        synchronized (view) {
            choose();
        }
        return take(0);
    }

    private void choose() {
        long most = query.lastPerChannel() > 0 ? Long.MAX_VALUE : span.upTo() - span.after() + 1;
        Collection<ChannelPlaces> channels = view.matching(query.patterns(), most).values();
        complete = channels.size() < most ? merge(channels) : walk();
    }

    private long merge(Collection<ChannelPlaces> channels) {
        PriorityQueue<Reader> readers = new PriorityQueue<>(Comparator.comparingLong(Reader::next));
        for (ChannelPlaces channel : channels) {
            addWhenWanted(readers, new Reader(channel));
        }
        while (!readers.isEmpty() && chosen.size() < query.maxMessages()) {
            Reader reader = readers.remove();
            chosen.add(view.place(reader.channel, reader.index++));
            addWhenWanted(readers, reader);
        }
        return readers.isEmpty() ? span.upTo() : chosen.get(chosen.size() - 1).seq();
    }

    private void addWhenWanted(PriorityQueue<Reader> readers, Reader reader) {
        if (reader.next() <= span.upTo()) {
            readers.add(reader);
        }
    }

    private long walk() {
        long end = Math.min(span.upTo(), span.after() + MAX_WALK);
        long seq = span.after();
        while (seq < end && chosen.size() < query.maxMessages()) {
            seq++;
            Place place = view.place(seq);
            if (place != null && query.matches(place.channel())) {
                chosen.add(place);
            }
        }
        return seq;
    }

    /** Takes what was chosen into the page, from {@code i} on, until that is full. */
    private Future<Page> take(int i) {
        int next = i;
        while (next < chosen.size() && bytes < query.maxBytes()) {
            Place place = chosen.get(next);
            if (place.message() == null) {
                int from = next;
                return fetched(from).compose(unused -> take(from));
            }
            add(place.message());
            next++;
        }
        if (next < chosen.size()) {
            complete = chosen.get(next - 1).seq();
        }
        return Future.succeededFuture(finished());
    }

    private void add(Message message) {
        messages.add(message);
        bytes += message.size();
    }

    /** Fetches some of what is missing, and drops what is gone. */
    private Future<Void> fetched(int from) {
        int end = Math.min(chosen.size(), from + FETCHED_AT_ONCE);
        List<Future<Optional<Place>>> asked = new ArrayList<>();
        for (Place place : chosen.subList(from, end)) {
            asked.add(withMessage(place));
        }
        return Future.all(asked)
                .map(
                        all -> {
                            List<Place> left = new ArrayList<>(chosen.subList(0, from));
                            asked.forEach(one -> one.result().ifPresent(left::add));
                            left.addAll(chosen.subList(end, chosen.size()));
                            chosen = left;
                            return null;
                        });
    }

    private Future<Optional<Place>> withMessage(Place place) {
        if (place.message() != null) {
            return Future.succeededFuture(Optional.of(place));
        }
        return fetch.apply(place)
                .map(
                        found ->
                                found.map(
                                        message ->
                                                new Place(
                                                        place.seq(),
                                                        place.channel(),
                                                        place.prev(),
                                                        message)));
    }

    private Page finished() {
        synchronized (view) {
            List<Message> held = messages.stream().filter(this::isHeld).toList();
            List<Page.Gap> gaps = query.lastPerChannel() > 0 ? List.of() : gaps();
            return new Page(
                    held, gaps, span.reset(), span.head().at(complete), complete < span.upTo());
        }
    }

    private boolean isHeld(Message message) {
        return view.isHeld(message.channel(), message.id().seq());
    }

    private List<Page.Gap> gaps() {
        return view.cuts(query, span.after(), complete).stream()
                .map(known -> new Page.Gap(known.channel(), span.head().at(known.cut())))
                .toList();
    }

    /** Goes through the places of one channel. */
    private final class Reader {
        final ChannelPlaces channel;
        int index;

        Reader(ChannelPlaces channel) {
            this.channel = channel;
            this.index = first(channel, query, span);
        }

        long next() {
            return index < channel.size() ? channel.seq(index) : Long.MAX_VALUE;
        }
    }

    /** The index of the first message of a channel that is asked for. */
    static int first(ChannelPlaces channel, Query query, Span span) {
        int first = channel.firstAfter(span.after());
        return query.lastPerChannel() > 0
                ? Math.max(first, channel.firstAfter(span.upTo()) - query.lastPerChannel())
                : first;
    }
}
