package io.anabranch.http;

import io.anabranch.message.Refusal;
import io.vertx.core.transport.Transport;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How the event loops talk to the kernel ({@code http.transport}). */
final class Transports {
    static final String AUTO = "auto";

    private static final Map<String, Optional<Transport>> BY_NAME =
            Map.of(
                    "io_uring", Optional.ofNullable(Transport.IO_URING),
                    "epoll", Optional.ofNullable(Transport.EPOLL),
                    "nio", Optional.of(Transport.NIO));

    /**
     * What {@link #AUTO} takes, the first that works. Not io_uring, by which bytes go out through
     * Netty alone: that costs more than the system calls that it saves.
     */
    private static final List<String> BEST_FIRST = List.of("epoll", "nio");

    private Transports() {}

    /**
     * @throws Refusal with what the kernel said, where the named one does not work here
     */
    static Transport named(String name) {
        if (name.equals(AUTO)) {
            return BEST_FIRST.stream()
                    .flatMap(candidate -> find(candidate).stream())
                    .filter(Transport::available)
                    .findFirst()
                    .orElse(Transport.NIO);
        }
        Transport transport = find(name).orElse(null);
        if (transport == null || !transport.available()) {
            throw Refusal.badRequest(
                    "http.transport: "
                            + name
                            + " does not work here"
                            + because(transport)
                            + " (expected: auto, or another)");
        }
        return transport;
    }

    private static Optional<Transport> find(String name) {
        return BY_NAME.getOrDefault(name, Optional.empty());
    }

    private static String because(@Nullable Transport transport) {
        return transport == null ? "" : ": " + transport.unavailabilityCause();
    }
}
