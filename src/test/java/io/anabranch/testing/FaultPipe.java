package io.anabranch.testing;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.DuplexChannel;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** One direction of a {@link FaultLink}: its bytes, in order, late and in pieces. */
final class FaultPipe {
    /** More than this waiting, and the sender is not read any further. */
    private static final int MOST_WAITING_BYTES = 256 * 1024;

    private record Piece(ByteBuf bytes, long dueNanos) {}

    private final EventLoop loop;
    private final Channel from;
    private final Channel to;
    private final Random random;
    private final Supplier<Fault> fault;
    private final Deque<Piece> waiting = new ArrayDeque<>();
    private int waitingBytes;
    private long lastDueNanos = Long.MIN_VALUE;
    private boolean holding;
    private boolean stalled;
    private boolean ended;
    private boolean pumping;

    FaultPipe(EventLoop loop, Channel from, Channel to, Random random, Supplier<Fault> fault) {
        this.loop = loop;
        this.from = from;
        this.to = to;
        this.random = random;
        this.fault = fault;
    }

    void take(ByteBuf bytes) {
        int slice = fault.get().sliceBytes();
        while (slice > 0 && bytes.readableBytes() > slice) {
            add(bytes.readRetainedSlice(1 + random.nextInt(slice)));
        }
        add(bytes);
        pump();
    }

    private void add(ByteBuf bytes) {
        // A shorter delay than before must not let bytes overtake.
        long due = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(fault.get().delayMs());
        lastDueNanos = waiting.isEmpty() ? due : Math.max(due, lastDueNanos);
        waiting.add(new Piece(bytes, lastDueNanos));
        waitingBytes += bytes.readableBytes();
    }

    /** The sender has said all; the receiver is told so after the last byte. */
    void end() {
        ended = true;
        pump();
    }

    void stall(boolean stop) {
        stalled = stop;
        pump();
    }

    /** Holds back what has not gone on yet, until told otherwise or until it ends. */
    void hold(boolean stop) {
        holding = stop;
        pump();
    }

    /** Hands on what is due, a piece in a turn of the loop. */
    void pump() {
        if (!pumping && !stalled && !(holding && !ended) && to.isActive() && to.isWritable()) {
            Piece next = waiting.peek();
            if (next != null) {
                handOn(next);
            } else if (ended && to instanceof DuplexChannel duplex) {
                duplex.shutdownOutput();
            }
        }
        from.config().setAutoRead(!stalled && to.isActive() && waitingBytes < MOST_WAITING_BYTES);
    }

    private void handOn(Piece next) {
        pumping = true;
        long left = next.dueNanos() - System.nanoTime();
        if (left > 0) {
            loop.schedule(this::pumpAgain, left, TimeUnit.NANOSECONDS);
            return;
        }
        waiting.remove();
        waitingBytes -= next.bytes().readableBytes();
        to.writeAndFlush(next.bytes());
        loop.execute(this::pumpAgain);
    }

    private void pumpAgain() {
        pumping = false;
        pump();
    }

    void discard() {
        waiting.forEach(piece -> piece.bytes().release());
        waiting.clear();
        waitingBytes = 0;
    }
}
