package io.anabranch.http;

import io.anabranch.metrics.Connections.Transport;
import io.anabranch.metrics.Metric;
import io.anabranch.metrics.Metrics;
import io.micrometer.core.instrument.Counter;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Counts the clients that opened a connection over another transport than their last one: by the
 * name that a client gives itself ({@code client}), of the last {@value #REMEMBERED} of them. Safe
 * for use by any thread.
 */
final class TransportSwitches {
    private static final int REMEMBERED = 10_000;

    private final Map<String, Counter> counters = new HashMap<>();
    private final Map<Client, String> lastTransports =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Client, String> eldest) {
                    return size() > REMEMBERED;
                }
            };

    private record Client(@Nullable String user, String name) {}

    TransportSwitches(Metrics metrics) {
        for (Transport to : Transport.values()) {
            counters.put(to.label(), metrics.counter(Metric.TRANSPORT_SWITCHES, to.label()));
        }
    }

    void opened(Session session) {
        Session.State state = session.state();
        String name = state.client();
        if (name == null) {
            return;
        }
        String transport = state.transport();
        String before = remember(new Client(session.principal().user(), name), transport);
        Counter counter = counters.get(transport);
        if (before != null && !before.equals(transport) && counter != null) {
            counter.increment();
        }
    }

    private synchronized @Nullable String remember(Client client, String transport) {
        return lastTransports.put(client, transport);
    }
}
