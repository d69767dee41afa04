package io.anabranch.polyglot;

import io.anabranch.hub.Hub;
import io.anabranch.hub.Interest;
import io.anabranch.hub.PresenceNews;
import io.anabranch.hub.Receiver;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Message;
import io.anabranch.message.Refusal;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.VertxInternal;
import io.vertx.core.json.JsonObject;
import io.vertx.core.spi.metrics.EventBusMetrics;
import io.vertx.core.spi.metrics.VertxMetrics;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Hands messages to verticles that have a consumer at {@code anabranch.channel.<channel>}, which
 * may be a pattern (protocol, section 8). Who has one, Vert.x tells those who measure its event
 * bus.
 */
public final class ChannelConsumers implements Receiver, VertxMetrics {
    private static final String ADDRESS = "anabranch.channel.";

    private final Interest interest = new Interest();
    private final Map<ChannelPattern, Integer> consumers = new ConcurrentHashMap<>();
    private final LongAdder delivered = new LongAdder();
    private volatile @Nullable Vertx vertx;

    /** Those of a Vert.x that was built with one as its metrics; empty for another one. */
    public static Optional<ChannelConsumers> of(Vertx vertx) {
        return ((VertxInternal) vertx).metrics() instanceof ChannelConsumers consumers
                ? Optional.of(consumers)
                : Optional.empty();
    }

    @Override
    public EventBusMetrics<?> createEventBusMetrics() {
        return new Registrations();
    }

    /** Begins to deliver. */
    public void listen(Vertx bus, Hub hub) {
        vertx = bus;
        hub.add(this);
    }

    /** How many messages were handed over so far, each counted once. */
    public long delivered() {
        return delivered.sum();
    }

    @Override
    public Interest interest() {
        return interest;
    }

    @Override
    public void offer(Message message) {
        Vertx bus = vertx;
        if (bus == null) {
            return;
        }
        JsonObject json = new JsonObject(Buffer.buffer(message.toJson()));
        delivered.increment();
        for (ChannelPattern pattern : consumers.keySet()) {
            if (pattern.matches(message.channel())) {
                bus.eventBus().publish(ADDRESS + pattern.text(), json);
            }
        }
    }

    @Override
    public void offer(PresenceNews news) {}

    private synchronized void add(ChannelPattern pattern) {
        if (consumers.merge(pattern, 1, Integer::sum) == 1) {
            interest.add(pattern);
        }
    }

    private synchronized void remove(ChannelPattern pattern) {
        if (consumers.computeIfPresent(pattern, (key, count) -> count == 1 ? null : count - 1)
                == null) {
            interest.remove(pattern);
        }
    }

    /** Empty for what is no address of channels. */
    private static Optional<ChannelPattern> pattern(String address) {
        try {
            return address.startsWith(ADDRESS)
                    ? Optional.of(new ChannelPattern(address.substring(ADDRESS.length())))
                    : Optional.empty();
        } catch (Refusal e) {
            return Optional.empty();
        }
    }

    /** Hears of every consumer of the bus that comes and goes, by any thread. */
    private final class Registrations implements EventBusMetrics<Optional<ChannelPattern>> {
        @Override
        public Optional<ChannelPattern> handlerRegistered(String address) {
            Optional<ChannelPattern> pattern = pattern(address);
            pattern.ifPresent(ChannelConsumers.this::add);
            return pattern;
        }

        @Override
        public void handlerUnregistered(Optional<ChannelPattern> pattern) {
            pattern.ifPresent(ChannelConsumers.this::remove);
        }
    }
}
