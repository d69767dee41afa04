package io.anabranch.http;

import io.anabranch.metrics.Connections.Transport;
import io.anabranch.metrics.Metric;
import io.anabranch.metrics.Metrics;
import io.anabranch.stream.DeliveryCounts;
import io.anabranch.stream.DeliveryCounts.Sent;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.ToLongFunction;

/** Adds up what the event loops have counted each for itself, when somebody asks. */
final class LoopMetrics {
    private final List<DeliveryCounts> loops = new CopyOnWriteArrayList<>();

    LoopMetrics(Metrics metrics) {
        ofTransport(metrics, Transport.SSE, DeliveryCounts::sse);
        ofTransport(metrics, Transport.WEBSOCKET, DeliveryCounts::webSocket);
        metrics.total(Metric.CONFLATED, sum(DeliveryCounts::conflated));
        metrics.total(Metric.REPLAYS, sum(DeliveryCounts::replays));
        metrics.total(Metric.GAPS, sum(DeliveryCounts::gapsExpired), "expired");
        metrics.total(Metric.GAPS, sum(DeliveryCounts::gapsReset), "reset");
        metrics.total(Metric.GAPS, sum(DeliveryCounts::gapsOverflow), "overflow");
        metrics.total(Metric.FELL_BEHIND, sum(DeliveryCounts::fellBehind));
        metrics.gauge(Metric.BEHIND, sum(DeliveryCounts::behind));
    }

    private void ofTransport(
            Metrics metrics, Transport transport, Function<DeliveryCounts, Sent> sent) {
        String label = transport.label();
        metrics.total(Metric.DELIVERED, sum(counts -> sent.apply(counts).messages()), label);
        metrics.total(Metric.REPLAYED, sum(counts -> sent.apply(counts).replayed()), label);
        metrics.total(Metric.SENT_BYTES, sum(counts -> sent.apply(counts).bytes()), label);
    }

    private LongSupplier sum(ToLongFunction<DeliveryCounts> count) {
        return () -> loops.stream().mapToLong(count).sum();
    }

    /** Counts a loop in, for the life of the hub. */
    void add(DeliveryCounts counts) {
        loops.add(counts);
    }
}
