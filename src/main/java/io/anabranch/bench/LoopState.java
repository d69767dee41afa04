package io.anabranch.bench;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.SingleWriterRecorder;

/** What the connections of one event loop share: counters, latencies, room to work in. */
final class LoopState {
    private final Scratch scratch = new Scratch();
    private final MessageScan scan;
    private final Clock clock;
    private final Map<Transport, SingleWriterRecorder> latencies = new EnumMap<>(Transport.class);
    private final AtomicLong deliveries = new AtomicLong();
    private long delivered;
    private long frames;

    LoopState(MessageScan scan, Clock clock) {
        this.scan = scan;
        this.clock = clock;
        for (Transport transport : Transport.values()) {
            latencies.put(transport, Latencies.recorder());
        }
    }

    /** Takes the latencies of one transport, in µs. */
    SingleWriterRecorder latencies(Transport transport) {
        return Optional.ofNullable(latencies.get(transport)).orElseThrow();
    }

    Scratch scratch() {
        return scratch;
    }

    MessageScan scan() {
        return scan;
    }

    long now() {
        return clock.now();
    }

    /** Counts a frame; how many there were before it. */
    long countFrame() {
        return frames++;
    }

    /** Whether a message that was due then is to be timed. */
    boolean isMeasured(long atNanos) {
        return clock.isMeasured(atNanos);
    }

    /** Counts a message's first arrival. */
    void countDelivery() {
        delivered++;
    }

    /** Lets other threads see the count; once for what arrived together. */
    void publishCount() {
        deliveries.lazySet(delivered);
    }

    /** First arrivals. From any thread. */
    long deliveries() {
        return deliveries.get();
    }
}
