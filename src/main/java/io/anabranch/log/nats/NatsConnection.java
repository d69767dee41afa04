package io.anabranch.log.nats;

import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.nats.client.Connection;
import io.nats.client.ConnectionListener;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.time.Duration;

/** Makes connections to the broker: all come back by themselves, and send late nothing. */
public final class NatsConnection {
    /** How long an answer may take. */
    public static final Duration TIMEOUT = Duration.ofSeconds(5);

    private static final Duration RECONNECT_WAIT = Duration.ofMillis(250);
    private static final Duration PING_INTERVAL = Duration.ofSeconds(2);
    private static final int PINGS_UNANSWERED = 2;

    /** More than all that may be under way, so that no publish ever waits for room. */
    private static final int OUTGOING = 200_000;

    private NatsConnection() {}

    /**
     * Connects. Blocks.
     *
     * @param name as the broker shows it
     * @param onChange hears of each connection that is made or lost
     * @throws Refusal when no server can be reached, or none takes the credentials
     */
    public static Connection open(NatsOptions options, String name, ConnectionListener onChange) {
        try {
            return Nats.connect(connectionOptions(options, name, onChange));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw NatsFailure.closed();
        } catch (IOException | IllegalArgumentException e) {
            throw new Refusal(
                    Reason.UNAVAILABLE,
                    "log.servers: "
                            + String.join(", ", options.servers())
                            + ": "
                            + e.getMessage()
                            + " (expected: NATS servers with JetStream that let this hub in)");
        }
    }

    private static Options connectionOptions(
            NatsOptions options, String name, ConnectionListener onChange) {
        Options.Builder builder =
                Options.builder()
                        .servers(options.servers().toArray(String[]::new))
                        .connectionName(name)
                        .connectionTimeout(TIMEOUT)
                        .pingInterval(PING_INTERVAL)
                        .maxPingsOut(PINGS_UNANSWERED)
                        .maxReconnects(-1)
                        .reconnectWait(RECONNECT_WAIT)
                        .reconnectJitter(RECONNECT_WAIT)
                        // What a publisher was told has failed must not be sent later.
                        .reconnectBufferSize(0)
                        .maxMessagesInOutgoingQueue(OUTGOING)
                        .connectionListener(onChange)
                        .errorListener(new BrokerErrors());
        if (options.credentials() != null) {
            builder.authHandler(Nats.credentials(options.credentials().toString()));
        }
        if (options.tls() != null) {
            builder.sslContext(options.tls());
        }
        return builder.build();
    }
}
