package io.anabranch.client;

import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who listens to a client, and what they are told. Listeners may be added by any thread. */
final class Listeners {
    private static final Logger LOG = LoggerFactory.getLogger(HubClient.class);

    /** Those of one event. */
    static final class Of<T> {
        private final List<Consumer<T>> all = new CopyOnWriteArrayList<>();

        void add(Consumer<T> listener) {
            all.add(listener);
        }

        void tell(T value) {
            for (Consumer<T> listener : all) {
                try {
                    listener.accept(value);
                } catch (RuntimeException e) {
                    LOG.error("a listener failed", e);
                }
            }
        }
    }

    final Of<HubState> state = new Of<>();
    final Of<Optional<Transport>> transport = new Of<>();
    final Of<Gap> gap = new Of<>();
    final Of<JsonObject> presence = new Of<>();
    final Of<Throwable> error = new Of<>();

    void report(Throwable failure) {
        if (error.all.isEmpty()) {
            LOG.warn("{}", failure.toString());
        } else {
            error.tell(failure);
        }
    }
}
