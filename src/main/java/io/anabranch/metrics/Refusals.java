package io.anabranch.metrics;

import io.anabranch.message.Limit;
import io.anabranch.message.Refusal;
import io.micrometer.core.instrument.Counter;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.spi.LoggingEventBuilder;

/**
 * The one place where what the hub refuses, and what it ends by a limit, is counted by reason and
 * told to the log: at most {@value #LINES} lines of a kind in ten seconds. Safe for use by any
 * thread.
 */
public final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
    private static final int LINES = 10;
    private static final long WHILE_NANOS = TimeUnit.SECONDS.toNanos(10);

    /** What was refused. */
    public enum Of {
        /** A request: HTTP's answer tells of it. */
        REQUEST,
        /** A WebSocket, by a close frame after the upgrade. */
        UPGRADE,
        /** A client's frame. */
        FRAME,
        /** One of a batch. */
        ITEM,
        /** What a verticle asked for over the event bus. */
        BUS;

        String label() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Whom the hub refused.
     *
     * @param session the connection's id, as {@code ready} names it; null where there is none
     * @param user the token's {@code sub}; null where there is none
     * @param address null where it is not known
     * @param what a method and a path, or a frame's type; null where it is not known
     */
    public record Asker(
            @Nullable String session,
            @Nullable String user,
            @Nullable String address,
            @Nullable String what) {}

    private final LogBudget budget = new LogBudget(LINES, WHILE_NANOS, System::nanoTime);
    private final Map<Of, Map<Refusal.Reason, Counter>> counters = new EnumMap<>(Of.class);
    private final Map<Refusal.Reason, Counter> publishes = new EnumMap<>(Refusal.Reason.class);
    private final Map<Limit, Counter> limits = new EnumMap<>(Limit.class);
    private final Counter failures;

    public Refusals(Metrics metrics) {
        for (Of of : Of.values()) {
            Map<Refusal.Reason, Counter> byReason = new EnumMap<>(Refusal.Reason.class);
            for (Refusal.Reason reason : Refusal.Reason.values()) {
                byReason.put(reason, metrics.counter(Metric.REFUSALS, of.label(), reason.code()));
            }
            counters.put(of, byReason);
        }
        for (Refusal.Reason reason : Refusal.Reason.values()) {
            publishes.put(reason, metrics.counter(Metric.PUBLISH_REFUSED, reason.code()));
        }
        for (Limit limit : Limit.values()) {
            limits.put(limit, metrics.counter(Metric.LIMITS_EXCEEDED, limit.setting()));
        }
        failures = metrics.counter(Metric.FAILURES);
    }

    /** Something was refused. */
    public void refused(Of of, Refusal refusal, Asker asker) {
        increment(counters.get(of), refusal.reason());
        refusal.limit().ifPresent(limit -> increment(limits, limit));
        tell(of.label() + refusal.code(), "refused: " + refusal.explanation(), refusal, asker);
    }

    /** A publisher did not get its message in; counted beside what told it so. */
    public void publishRefused(Refusal refusal) {
        increment(publishes, refusal.reason());
    }

    /** A limit ended a connection that has no request to be answered. */
    public void cutOff(Limit limit, String why, @Nullable String address) {
        increment(limits, limit);
        tell(limit.setting(), "cut off: " + why, null, new Asker(null, null, address, null));
    }

    /** Something failed inside of the hub that nobody was there to catch. */
    public void uncaught(Throwable failure) {
        failures.increment();
        LOG.error("nobody caught", failure);
    }

    private static <K> void increment(@Nullable Map<K, Counter> counters, K key) {
        Counter counter = counters == null ? null : counters.get(key);
        if (counter != null) {
            counter.increment();
        }
    }

    private void tell(String kind, String text, @Nullable Refusal refusal, Asker asker) {
        if (!LOG.isInfoEnabled()) {
            return;
        }
        long leftOut = budget.ask(kind);
        if (leftOut == LogBudget.NO_LINE) {
            return;
        }
        LoggingEventBuilder line = LOG.atInfo();
        line = with(line, "status", refusal == null ? null : refusal.status());
        line = with(line, "code", refusal == null ? null : refusal.code());
        line = with(line, "what", asker.what());
        line = with(line, "session", asker.session());
        line = with(line, "user", asker.user());
        line = with(line, "address", asker.address());
        with(line, "leftOutBefore", leftOut == 0 ? null : leftOut).log(text);
    }

    private static LoggingEventBuilder with(
            LoggingEventBuilder line, String key, @Nullable Object value) {
        return value == null ? line : line.addKeyValue(key, value);
    }
}
