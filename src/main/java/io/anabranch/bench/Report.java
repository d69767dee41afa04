package io.anabranch.bench;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a run found.
 *
 * @param connectSeconds how long connecting took
 * @param open connections that were open at the end
 * @param latencies by transport, from when a message was due to when a reader had it
 * @param answers from when a message was due to when the hub had accepted it
 * @param delays from when a message was due to when its publisher sent it: part of both above
 * @param generatorCores what the generator itself used, in cores
 * @param timeline second by second, of what was measured
 */
public record Report(
        Instant startedAt,
        URI hub,
        Settings settings,
        Machine machine,
        double connectSeconds,
        Map<Transport, Integer> open,
        Messages messages,
        Map<Transport, Latency> latencies,
        Latency latency,
        Latency answers,
        Latency delays,
        Optional<HubCost> hubCost,
        double generatorCores,
        List<Second> timeline,
        Map<Incident, Occurred> incidents) {

    /** Where it ran. */
    public record Machine(int cores, String system, String java) {
        static Machine here() {
            return new Machine(
                    Runtime.getRuntime().availableProcessors(),
                    System.getProperty("os.name") + " " + System.getProperty("os.version"),
                    System.getProperty("java.version"));
        }
    }

    /**
     * Counts. The first three are of the whole run, with its warm-up; the others of what was
     * measured.
     *
     * @param deliveries first arrivals
     */
    public record Messages(
            long published,
            long accepted,
            long deliveries,
            double measuredSeconds,
            long measuredPublished,
            long measuredDeliveries) {
        /** Messages a second. */
        public double publishRate() {
            return measuredSeconds == 0 ? 0 : measuredPublished / measuredSeconds;
        }

        /** Deliveries a second. */
        public double deliveryRate() {
            return measuredSeconds == 0 ? 0 : measuredDeliveries / measuredSeconds;
        }
    }

    /**
     * What the hub's process used.
     *
     * @param cpuMicrosPerDelivery CPU time, user and system; 0 when nothing was delivered
     * @param residentBytes at the end
     * @param residentBytesPerConnection what connecting added, before the first message
     */
    public record HubCost(
            double cpuMicrosPerDelivery,
            double cores,
            long residentBytes,
            double residentBytesPerConnection) {}

    /**
     * @param second when it ended, from the begin of the measuring, in s
     */
    public record Second(
            double second,
            double publishRate,
            double deliveryRate,
            long p50Micros,
            long p99Micros,
            long maxMicros,
            double hubCores) {}

    /**
     * @param first the first one, in words
     */
    public record Occurred(long count, String first) {}

    /** Whether nothing went wrong, and what was published arrived. */
    public boolean passed() {
        boolean silent = settings.rate() > 0 && messages.deliveries() == 0;
        return !silent && incidents.keySet().stream().noneMatch(Incident::isFailure);
    }
}
