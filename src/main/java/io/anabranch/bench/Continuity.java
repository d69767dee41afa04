package io.anabranch.bench;

import io.anabranch.bench.Stream.Arrival;
import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * Whether one reader gets every message once and in order: by the ids, which rise over the whole
 * connection; by {@code prev}, which chains those of a channel; and by the numbers that the
 * publishers count. For one thread.
 */
final class Continuity {
    private static final long UNKNOWN = -1;

    private static final class Track {
        private long last = UNKNOWN;
        private final Stream[] streams;

        Track(int publishers) {
            streams = new Stream[publishers];
            for (int i = 0; i < publishers; i++) {
                streams[i] = new Stream();
            }
        }
    }

    private final int reader;
    private final Settings settings;
    private final Incidents incidents;
    private final @Nullable Track[] tracks;
    private long epoch;
    private long last = UNKNOWN;

    Continuity(int reader, Settings settings, Incidents incidents) {
        this.reader = reader;
        this.settings = settings;
        this.incidents = incidents;
        this.tracks = new Track[settings.pattern() ? settings.channels() : 1];
    }

    /** Takes a message; whether it is one of this run that had not come before. */
    boolean take(MessageScan message) {
        if (message.channel < 0 || message.channel >= settings.channels()) {
            return false;
        }
        if (!belongsHere(message)) {
            incidents.add(Incident.INVALID, () -> here(message) + " does not belong there");
            return false;
        }
        Track track = track(message.channel);
        Arrival arrival = message.ours ? takeNumber(track, message) : Arrival.NEXT;
        if (message.epoch != epoch) {
            begin(message.epoch);
        }
        if (arrival == Arrival.NEXT) {
            takeId(track, message);
        }
        return message.ours && arrival != Arrival.REPEATED;
    }

    private boolean belongsHere(MessageScan message) {
        boolean asPublished =
                message.publishedOn == message.channel
                        && message.publisher >= 0
                        && message.publisher < settings.publishers();
        return settings.isSubscribed(reader, message.channel) && (asPublished || !message.ours);
    }

    private Arrival takeNumber(Track track, MessageScan message) {
        Arrival arrival = track.streams[message.publisher].take(message.n);
        if (arrival == Arrival.LATE) {
            incidents.add(Incident.REORDERED, () -> here(message) + " came after a later one");
        } else if (arrival == Arrival.REPEATED) {
            incidents.add(Incident.REPEATED, () -> here(message) + " came before");
        }
        return arrival;
    }

    private void takeId(Track track, MessageScan message) {
        if (message.seq <= last) {
            long before = last;
            incidents.add(Incident.REORDERED, () -> here(message) + " came after place " + before);
            return;
        }
        last = message.seq;
        boolean chained = settings.conflateMs() == 0 && track.last != UNKNOWN;
        if (chained && message.prev != track.last) {
            long before = track.last;
            incidents.add(
                    Incident.BROKEN_CHAIN,
                    () -> here(message) + " has prev " + message.prev + " after place " + before);
        }
        track.last = message.seq;
    }

    private void begin(long newEpoch) {
        if (last != UNKNOWN) {
            incidents.add(Incident.GAP, () -> "reader " + reader + ": another epoch");
        }
        epoch = newEpoch;
        last = UNKNOWN;
        forgetChains();
    }

    /** Takes the hub's word that messages are lost. */
    void gap(JsonObject frame) {
        incidents.add(Incident.GAP, () -> "reader " + reader + ": " + frame.encode());
        forgetChains();
    }

    private void forgetChains() {
        for (Track track : tracks) {
            if (track != null) {
                track.last = UNKNOWN;
            }
        }
    }

    /** Counts what was accepted and has not come. */
    void close(Ledger ledger) {
        for (int channel = 0; channel < settings.channels(); channel++) {
            if (settings.isSubscribed(reader, channel)) {
                close(channel, track(channel), ledger);
            }
        }
    }

    private void close(int channel, Track track, Ledger ledger) {
        if (settings.conflateMs() > 0) {
            boolean newest = track.last >= ledger.newest(channel);
            incidents.add(
                    Incident.LOST,
                    newest ? 0 : 1,
                    () -> "reader " + reader + ": the newest of " + settings.channel(channel));
            return;
        }
        for (int publisher = 0; publisher < track.streams.length; publisher++) {
            long accepted = ledger.accepted(publisher, channel);
            long lost = Math.max(0, accepted - track.streams[publisher].distinct());
            incidents.add(
                    Incident.LOST,
                    lost,
                    () ->
                            "reader %d: %d of %d on %s"
                                    .formatted(reader, lost, accepted, settings.channel(channel)));
        }
    }

    private Track track(int channel) {
        int index = settings.pattern() ? channel : 0;
        Track track = tracks[index];
        if (track == null) {
            track = new Track(settings.publishers());
            tracks[index] = track;
        }
        return track;
    }

    private String here(MessageScan message) {
        return "reader %d: place %d on %s (publisher %d, number %d)"
                .formatted(
                        reader,
                        message.seq,
                        settings.channel(message.channel),
                        message.publisher,
                        message.n);
    }
}
