package io.anabranch.log.nats;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Tells the other hubs what this one sees of the stream: at once when it is quiet, and under load
 * what came in a few milliseconds together.
 */
final class DigestWriter {
    private static final long TOGETHER_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** Few enough for the broker's max_payload, whatever the channels are called. */
    private static final int MOST_ENTRIES = 1_000;

    private final Broker broker;
    private final String subject;
    private final String name;
    private final ScheduledExecutorService thread;
    private List<Entry> entries = new ArrayList<>();
    private String epoch = "";
    private long from;
    private long to;
    private long written;
    private boolean scheduled;

    /**
     * @param name as the other hubs know this one
     */
    DigestWriter(Broker broker, String subject, String name, ScheduledExecutorService thread) {
        this.broker = broker;
        this.subject = subject;
        this.name = name;
        this.thread = thread;
    }

    /** Begins to tell what comes after a place. */
    synchronized void restart(String ofEpoch, long after) {
        entries.clear();
        epoch = ofEpoch;
        from = after;
        to = after;
    }

    synchronized void add(Entry entry) {
        if (entry.seq() <= to) {
            return;
        }
        entries.add(entry);
        to = entry.seq();
        if (entries.size() >= MOST_ENTRIES || System.nanoTime() - written >= TOGETHER_NANOS) {
            write();
        } else if (!scheduled) {
            scheduled = true;
            thread.schedule(this::writeLate, TOGETHER_NANOS, TimeUnit.NANOSECONDS);
        }
    }

    private synchronized void writeLate() {
        scheduled = false;
        if (!entries.isEmpty()) {
            write();
        }
    }

    /** Tells what there is to tell, or up to where nothing is. */
    synchronized void write() {
        broker.tell(subject, new Digest(name, epoch, from, to, entries).encoded());
        entries = new ArrayList<>();
        from = to;
        written = System.nanoTime();
    }
}
