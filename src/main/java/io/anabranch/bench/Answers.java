package io.anabranch.bench;

import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import java.util.concurrent.atomic.AtomicLong;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** What the hub answers to the publishers. For all threads. */
final class Answers {
    private final Ledger ledger;
    private final Clock clock;
    private final Incidents incidents;
    private final AtomicLong sent = new AtomicLong();
    private final Recorder delays = Latencies.sharedRecorder();
    private final Recorder answers = Latencies.sharedRecorder();

    Answers(Ledger ledger, Clock clock, Incidents incidents) {
        this.ledger = ledger;
        this.clock = clock;
        this.incidents = incidents;
    }

    void sending(Outgoing message) {
        sent.incrementAndGet();
        record(message, delays);
    }

    void accepted(Outgoing message, String id) {
        record(message, answers);
        try {
            ledger.accept(message, MessageId.parse("id", id).seq());
        } catch (Refusal noId) {
            incidents.add(Incident.INVALID, () -> "an answer with " + noId.explanation());
        }
    }

    private void record(Outgoing message, Recorder into) {
        if (clock.isMeasured(message.atNanos())) {
            into.recordValue(Latencies.micros(clock.now() - message.atNanos()));
        }
    }

    void refused(int status, String words) {
        incidents.add(Incident.REFUSED, () -> status + " " + words);
    }

    void failed(String words) {
        incidents.add(Incident.FAILED, () -> words);
    }

    void notSent() {
        incidents.add(Incident.NOT_SENT, () -> "its publisher still waited for the hub");
    }

    long sent() {
        return sent.get();
    }

    /** From the time that a message was due to when it was sent, since the last call. */
    Histogram delays() {
        return delays.getIntervalHistogram();
    }

    /** From the time that a message was due to its answer, since the last call. */
    Histogram answers() {
        return answers.getIntervalHistogram();
    }
}
