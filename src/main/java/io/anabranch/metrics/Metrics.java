package io.anabranch.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.LongSupplier;

/**
 * The metrics of one hub, as Prometheus reads them. Safe for use by any thread. What counts on a
 * hot path counts for itself, and is handed in as a number to be read.
 */
public final class Metrics implements AutoCloseable {
    private static final Duration[] APPEND_BUCKETS = {
        Duration.ofNanos(100_000),
        Duration.ofNanos(500_000),
        Duration.ofMillis(1),
        Duration.ofMillis(2),
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofSeconds(1),
        Duration.ofSeconds(5)
    };

    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    /** The registry itself does not keep them from being collected. */
    private final Queue<LongSupplier> totals = new ConcurrentLinkedQueue<>();

    private final JvmGcMetrics collections = new JvmGcMetrics();

    /** Those of the process, and room for the hub's. */
    public Metrics() {
        new ClassLoaderMetrics().bindTo(registry);
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        collections.bindTo(registry);
    }

    /**
     * What is counted one by one.
     *
     * @param values of the metric's labels, in their order
     */
    public Counter counter(Metric metric, String... values) {
        return Counter.builder(metric.id())
                .description(metric.description())
                .tags(tags(metric, values))
                .register(registry);
    }

    /**
     * What is counted elsewhere, and only rises.
     *
     * @param total asked when the metrics are read, by any thread
     * @param values of the metric's labels, in their order
     */
    public void total(Metric metric, LongSupplier total, String... values) {
        totals.add(total);
        FunctionCounter.builder(metric.id(), total, LongSupplier::getAsLong)
                .description(metric.description())
                .tags(tags(metric, values))
                .register(registry);
    }

    /**
     * What rises and falls.
     *
     * @param value asked when the metrics are read, by any thread
     * @param values of the metric's labels, in their order
     */
    public void gauge(Metric metric, LongSupplier value, String... values) {
        Gauge.builder(metric.id(), value::getAsLong)
                .description(metric.description())
                .tags(tags(metric, values))
                .strongReference(true)
                .register(registry);
    }

    /** How long something took, in buckets from 0.1 ms to 5 s. */
    public Timer timer(Metric metric) {
        return Timer.builder(metric.id())
                .description(metric.description())
                .serviceLevelObjectives(APPEND_BUCKETS)
                .register(registry);
    }

    private static Tags tags(Metric metric, String... values) {
        if (values.length != metric.labels().size()) {
            throw new IllegalArgumentException(
                    metric + ": " + values.length + " values (expected: " + metric.labels() + ")");
        }
        Tags tags = Tags.empty();
        for (int i = 0; i < values.length; i++) {
            tags = tags.and(metric.labels().get(i), values[i]);
        }
        return tags;
    }

    /** Everything, in Prometheus' text format 0.0.4. Takes about a millisecond. */
    public String scrape() {
        return registry.scrape();
    }

    /** Lets go of the JVM's notifications. */
    @Override
    public void close() {
        collections.close();
        registry.close();
    }
}
