package io.anabranch.bench;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VerticleBase;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One connection that publishes what is due, in order. What it cannot send at once waits, and that
 * counts in the latency. What is overridden is called on its event loop.
 */
abstract class Publisher extends VerticleBase {
    private final Queue<Outgoing> due = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean woken = new AtomicBoolean();
    private final Answers answers;
    private final Promise<Void> finished = Promise.promise();
    private boolean finishing;
    private long unanswered;

    Publisher(Answers answers) {
        this.answers = answers;
    }

    /** Takes what is due. From any thread. */
    final void offer(Outgoing message) {
        due.add(message);
        if (woken.compareAndSet(false, true)) {
            context.runOnContext(
                    unused -> {
                        woken.set(false);
                        sendDue();
                    });
        }
    }

    /** Completes when all that was offered has been sent and answered. From any thread. */
    final Future<Void> finish() {
        context.runOnContext(
                unused -> {
                    finishing = true;
                    sendDue();
                });
        return finished.future();
    }

    /** Gives up what is due and not sent; {@link #finish} then waits for answers alone. */
    final void abandon() {
        context.runOnContext(
                unused -> {
                    for (Outgoing left = due.poll(); left != null; left = due.poll()) {
                        answers.notSent();
                    }
                    finishIfDone();
                });
    }

    /** Sends what is due, as long as it may. */
    final void sendDue() {
        while (isReady()) {
            Outgoing message = due.poll();
            if (message == null) {
                break;
            }
            unanswered++;
            answers.sending(message);
            send(message);
        }
        flush();
        finishIfDone();
    }

    /** Whether one more may be sent now. {@link #sendDue} is to be called when it may again. */
    abstract boolean isReady();

    abstract void send(Outgoing message);

    /** After one or more were sent. */
    abstract void flush();

    /** Nothing more will be sent, and everything sent is answered. */
    abstract void end();

    final void accepted(Outgoing message, String id) {
        unanswered--;
        answers.accepted(message, id);
        finishIfDone();
    }

    final void refused(int status, String words) {
        unanswered--;
        answers.refused(status, words);
        finishIfDone();
    }

    final void failed(String words) {
        unanswered--;
        answers.failed(words);
        finishIfDone();
    }

    private void finishIfDone() {
        if (finishing && due.isEmpty() && unanswered == 0 && finished.tryComplete()) {
            end();
        }
    }
}
