package io.anabranch.metrics;

import io.micrometer.core.instrument.Counter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Counts the connections of subscribers, and tells the log of each when it opens and when it ends:
 * at {@code debug}, or at {@code info} where the hub ended it. Safe for use by any thread.
 */
public final class Connections {
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);
    private static final int LINES = 10;
    private static final long WHILE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** What carries a connection. */
    public enum Transport {
        SSE,
        WEBSOCKET;

        /** As in metrics and lines: {@code sse}. */
        public String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Why a connection ended. */
    public enum Ended {
        /** The client closed it, or the network did. */
        CLIENT(Level.DEBUG),
        /** Its token expired. */
        EXPIRED(Level.INFO),
        /** The client was silent for two heartbeats. */
        HEARTBEAT_MISSED(Level.INFO),
        /** Its token was revoked. */
        REVOKED(Level.INFO),
        /** An administrator ended it. */
        DISCONNECTED(Level.INFO),
        /** The hub goes down. */
        RESTARTING(Level.DEBUG),
        /** The hub could not serve it. */
        FAILED(Level.WARN),
        /** The client broke the WebSocket protocol, or sent too large a message. */
        BROKEN(Level.INFO),
        /** It was not let in. */
        REFUSED(Level.DEBUG);

        private final Level level;

        Ended(Level level) {
            this.level = level;
        }

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    private final LogBudget budget = new LogBudget(LINES, WHILE_NANOS, System::nanoTime);
    private final Map<Transport, LongAdder> open = new EnumMap<>(Transport.class);
    private final Map<Transport, Counter> opened = new EnumMap<>(Transport.class);
    private final Map<Transport, Map<Ended, Counter>> closed = new EnumMap<>(Transport.class);

    public Connections(Metrics metrics) {
        for (Transport transport : Transport.values()) {
            LongAdder now = new LongAdder();
            open.put(transport, now);
            metrics.gauge(Metric.CONNECTIONS, now::sum, transport.label());
            opened.put(transport, metrics.counter(Metric.CONNECTIONS_OPENED, transport.label()));
            Map<Ended, Counter> byReason = new EnumMap<>(Ended.class);
            for (Ended ended : Ended.values()) {
                byReason.put(
                        ended,
                        metrics.counter(
                                Metric.CONNECTIONS_CLOSED, transport.label(), ended.label()));
            }
            closed.put(transport, byReason);
        }
    }

    /**
     * A connection was let in. To be followed by one {@link Open#ended}.
     *
     * @param session its id, which ties its lines together
     * @param user null where there is none
     */
    public Open opened(Transport transport, String session, @Nullable String user, String address) {
        get(opened, transport).increment();
        get(open, transport).increment();
        LOG.atDebug()
                .addKeyValue("session", session)
                .addKeyValue("transport", transport.label())
                .addKeyValue("user", user)
                .addKeyValue("address", address)
                .log("opened");
        return new Open(transport, session);
    }

    /** A connection that has not ended. For its event loop alone. */
    public final class Open {
        private final Transport transport;
        private final String session;
        private boolean over;

        private Open(Transport transport, String session) {
            this.transport = transport;
            this.session = session;
        }

        /** It ended; the first reason that is given counts. */
        public void ended(Ended reason) {
            if (over) {
                return;
            }
            over = true;
            get(open, transport).decrement();
            get(get(closed, transport), reason).increment();
            tell(reason);
        }

        private void tell(Ended reason) {
            if (!LOG.isEnabledForLevel(reason.level)) {
                return;
            }
            long leftOut = reason.level == Level.DEBUG ? 0 : budget.ask(reason.label());
            if (leftOut == LogBudget.NO_LINE) {
                return;
            }
            var line =
                    LOG.atLevel(reason.level)
                            .addKeyValue("session", session)
                            .addKeyValue("transport", transport.label())
                            .addKeyValue("reason", reason.label());
            if (leftOut > 0) {
                line = line.addKeyValue("leftOutBefore", leftOut);
            }
            line.log("closed");
        }
    }

    private static <K, V> V get(Map<K, V> map, K key) {
        V value = map.get(key);
        if (value == null) {
            throw new IllegalStateException("no counter for " + key);
        }
        return value;
    }
}
