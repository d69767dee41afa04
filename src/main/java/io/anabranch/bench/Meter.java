package io.anabranch.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;

/** Reads the counters, second by second. For the thread of the run. */
final class Meter {
    private static final double NANOS_PER_SECOND = 1e9;

    /** The counters at one moment. */
    private record Reading(
            long nanos, long published, long deliveries, long hubMicros, long ownNanos) {}

    private final Clock clock;
    private final Readers readers;
    private final Answers answers;
    private final Optional<HubProcess> hub;
    private final Map<Transport, Histogram> latencies = new EnumMap<>(Transport.class);
    private final Histogram answerTimes = Latencies.histogram();
    private final Histogram delays = Latencies.histogram();
    private final List<Report.Second> timeline = new ArrayList<>();
    private Reading first;
    private Reading last;

    Meter(Clock clock, Readers readers, Answers answers, Optional<HubProcess> hub) {
        this.clock = clock;
        this.readers = readers;
        this.answers = answers;
        this.hub = hub;
        this.first = read();
        this.last = first;
        for (Transport transport : Transport.values()) {
            latencies.put(transport, Latencies.histogram());
        }
    }

    private Reading read() {
        return new Reading(
                clock.now(),
                answers.sent(),
                readers.deliveries(),
                hub.map(HubProcess::cpuMicros).orElse(0L),
                ownCpu().toNanos());
    }

    private static Duration ownCpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    void begin() {
        first = read();
        last = first;
        clock.beginMeasuring(first.nanos());
    }

    /** Ends one second, and gives what it had. */
    Report.Second tick() {
        Reading now = read();
        Histogram interval = collect();
        double seconds = (now.nanos() - last.nanos()) / NANOS_PER_SECOND;
        Report.Second second =
                new Report.Second(
                        (now.nanos() - first.nanos()) / NANOS_PER_SECOND,
                        (now.published() - last.published()) / seconds,
                        (now.deliveries() - last.deliveries()) / seconds,
                        interval.getValueAtPercentile(50),
                        interval.getValueAtPercentile(99),
                        interval.getMaxValue(),
                        (now.hubMicros() - last.hubMicros()) / 1e6 / seconds);
        timeline.add(second);
        last = now;
        return second;
    }

    /** Ends the measuring; what was due before still counts when it arrives. */
    void end() {
        clock.endMeasuring(last.nanos());
    }

    /** Takes what arrived since the last second. */
    Histogram collect() {
        Histogram interval = Latencies.histogram();
        latencies.forEach(
                (transport, sum) -> {
                    Histogram part = readers.latencies(transport);
                    sum.add(part);
                    interval.add(part);
                });
        answerTimes.add(answers.answers());
        delays.add(answers.delays());
        return interval;
    }

    double seconds() {
        return (last.nanos() - first.nanos()) / NANOS_PER_SECOND;
    }

    Report.Messages messages(Ledger ledger) {
        return new Report.Messages(
                answers.sent(),
                ledger.total(),
                readers.deliveries(),
                seconds(),
                last.published() - first.published(),
                last.deliveries() - first.deliveries());
    }

    /** By transport, of those that have any. */
    Map<Transport, Latency> latencies() {
        Map<Transport, Latency> found = new EnumMap<>(Transport.class);
        latencies.forEach(
                (transport, histogram) -> {
                    if (histogram.getTotalCount() > 0) {
                        found.put(transport, Latency.of(histogram));
                    }
                });
        return found;
    }

    Latency latency() {
        Histogram sum = Latencies.histogram();
        latencies.values().forEach(sum::add);
        return Latency.of(sum);
    }

    Latency answerTimes() {
        return Latency.of(answerTimes);
    }

    Latency delays() {
        return Latency.of(delays);
    }

    /**
     * @param idleBytesPerConnection what connecting added to the hub's memory
     */
    Optional<Report.HubCost> hubCost(double idleBytesPerConnection) {
        long micros = last.hubMicros() - first.hubMicros();
        long deliveries = last.deliveries() - first.deliveries();
        return hub.map(
                process ->
                        new Report.HubCost(
                                deliveries == 0 ? 0 : (double) micros / deliveries,
                                seconds() == 0 ? 0 : micros / 1e6 / seconds(),
                                process.residentBytes(),
                                idleBytesPerConnection));
    }

    double generatorCores() {
        double nanos = last.ownNanos() - first.ownNanos();
        return seconds() == 0 ? 0 : nanos / NANOS_PER_SECOND / seconds();
    }

    List<Report.Second> timeline() {
        return timeline;
    }
}
