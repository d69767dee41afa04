package io.anabranch.stream;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What one event loop has delivered since it began. Counted by that loop alone, at the price of a
 * plain addition; read by any thread, which may see it a moment late.
 */
public final class DeliveryCounts {
    /** A number with one writer. */
    public static final class Count {
        private final AtomicLong value = new AtomicLong();

        void add(long amount) {
            value.setOpaque(value.getPlain() + amount);
        }

        public long get() {
            return value.getOpaque();
        }
    }

    /** What went to the connections of one transport. */
    public static final class Sent {
        final Count messages = new Count();
        final Count replayed = new Count();
        final Count bytes = new Count();

        /** Messages, those that were read from the log included. */
        public long messages() {
            return messages.get();
        }

        /** Messages that were read from the log. */
        public long replayed() {
            return replayed.get();
        }

        /** All bytes that were written, before TLS and HTTP/2 add theirs. */
        public long bytes() {
            return bytes.get();
        }
    }

    private final Sent sse = new Sent();
    private final Sent webSocket = new Sent();
    final Count replays = new Count();
    final Count conflated = new Count();
    final Count fellBehind = new Count();
    final Count behind = new Count();
    final Count expired = new Count();
    final Count reset = new Count();
    final Count overflow = new Count();

    Sent to(Encoding encoding) {
        return encoding.isEventStream() ? sse : webSocket;
    }

    Count gaps(Frames.GapReason reason) {
        return switch (reason) {
            case EXPIRED -> expired;
            case RESET -> reset;
            case OVERFLOW -> overflow;
        };
    }

    public Sent sse() {
        return sse;
    }

    public Sent webSocket() {
        return webSocket;
    }

    /** Subscriptions that began at a cursor or with the last messages. */
    public long replays() {
        return replays.get();
    }

    /** Messages that a newer one replaced, once for each subscription. */
    public long conflated() {
        return conflated.get();
    }

    /** How often a subscription that was live fell behind. */
    public long fellBehind() {
        return fellBehind.get();
    }

    /** Subscriptions that have fallen behind and are so now. */
    public long behind() {
        return behind.get();
    }

    /** Gaps that were told, by what took the messages: retention. */
    public long gapsExpired() {
        return expired.get();
    }

    /** Gaps that were told, by what took the messages: another epoch. */
    public long gapsReset() {
        return reset.get();
    }

    /** Gaps that were told, by what took the messages: retention, while a client was slow. */
    public long gapsOverflow() {
        return overflow.get();
    }
}
