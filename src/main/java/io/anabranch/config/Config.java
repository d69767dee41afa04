package io.anabranch.config;

import io.anabranch.auth.AuthOptions;
import io.anabranch.bridge.BridgeOptions;
import io.anabranch.hub.Hooks;
import io.anabranch.log.Retention;
import io.anabranch.mercure.MercureOptions;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.polyglot.VerticleOptions;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The hub's configuration, checked (protocol, section 9). What each value means stands in {@link
 * Schema}.
 *
 * @param channels first match wins; the last rule matches every channel
 */
public record Config(
        Http http,
        Management management,
        AuthOptions auth,
        LogStore log,
        List<ChannelRule> channels,
        Limits limits,
        Services services,
        Protocols protocols,
        Logging logging,
        List<VerticleOptions> verticles,
        boolean development) {
    public Config {
        channels = List.copyOf(channels);
        verticles = List.copyOf(verticles);
    }

    /** The rule for a channel: the first that matches. */
    public ChannelRule rule(Channel channel) {
        for (ChannelRule rule : channels) {
            if (rule.pattern().matches(channel)) {
                return rule;
            }
        }
        throw new IllegalStateException("no rule for " + channel + " (expected: a last rule *)");
    }

    /**
     * Where clients connect.
     *
     * @param port 0 for any free one
     * @param origins of web pages elsewhere that may connect, exact: {@code https://example.com}
     * @param trustedProxies whose word on a client's address counts: addresses and blocks of them
     * @param tls null for plain HTTP
     * @param heartbeatMs in ms
     * @param batchIntervalMs the least time between two deliveries of a loop, in ms; 0 for none
     * @param drainMs how long an end may take, in ms
     * @param eventLoops how many; 0 for one a core
     * @param transport {@code auto}, {@code io_uring}, {@code epoll} or {@code nio}
     * @param permessageDeflate whether WebSockets are compressed for clients that offer it
     */
    public record Http(
            String host,
            int port,
            List<String> origins,
            List<String> trustedProxies,
            @Nullable Tls tls,
            int heartbeatMs,
            int batchIntervalMs,
            int drainMs,
            int eventLoops,
            String transport,
            boolean permessageDeflate) {
        public Http {
            origins = List.copyOf(origins);
            trustedProxies = List.copyOf(trustedProxies);
        }
    }

    /**
     * PEM files: the certificate chain and its private key.
     *
     * @param reloadMs how often they are looked at for a change, in ms
     * @param http3 whether HTTP/3 is spoken too, on the UDP port of the same number
     */
    public record Tls(Path cert, Path key, int reloadMs, boolean http3) {}

    /**
     * Where operators connect.
     *
     * @param port 0 for any free one
     */
    public record Management(String host, int port) {}

    /**
     * Which engine keeps the messages.
     *
     * @param type {@code sqlite}, {@code memory} or {@code nats}
     * @param path the file of {@code sqlite}
     * @param dedupWindowMs how long a deduplication key is remembered, in ms
     * @param maxBytes how large the messages of the file may become, in bytes; 0 for no limit
     * @param nats null for the other types
     */
    public record LogStore(
            String type, Path path, long dedupWindowMs, long maxBytes, @Nullable Nats nats) {}

    /**
     * The broker of {@code nats}, and the stream.
     *
     * @param servers addresses of any servers of one cluster
     * @param credentials a file with a user's JWT and key; null for none
     * @param authority who may vouch for the servers, as PEM; null for whom the JDK trusts
     * @param client who this hub is, over TLS; null when the servers do not ask
     * @param byInterest whether a hub takes in only what it has readers for
     */
    public record Nats(
            List<String> servers,
            @Nullable Path credentials,
            @Nullable Path authority,
            @Nullable Tls client,
            String stream,
            int replicas,
            boolean byInterest) {
        public Nats {
            servers = List.copyOf(servers);
        }
    }

    /**
     * What holds for the channels that a pattern matches.
     *
     * @param presence whether joins and leaves are announced
     * @param before who is asked before a message is published there; null for nobody
     */
    public record ChannelRule(
            ChannelPattern pattern,
            Retention retention,
            boolean presence,
            Hooks.@Nullable Hook before) {
        /** Of channels where nobody is asked. */
        public ChannelRule(ChannelPattern pattern, Retention retention, boolean presence) {
            this(pattern, retention, presence, null);
        }
    }

    /**
     * Bounds on what clients may do.
     *
     * @param message a message's {@code data}, in bytes
     * @param frame a WebSocket frame or message of a client, in bytes
     * @param url in bytes
     * @param headers of one request, in bytes
     * @param connections of subscribers in all
     * @param publishPerSecond messages of one user
     * @param publishPerSecondPerConnection messages of one connection
     * @param batchItems of one JSON array
     * @param historyPage messages
     * @param headersTime until a connection's first request has its headers, in ms
     * @param bodyTime of one request, in ms
     * @param idleTime between requests, in ms
     */
    public record Limits(
            int message,
            int frame,
            int url,
            int headers,
            int connections,
            int connectionsPerUser,
            int connectionsPerAddress,
            int channelsPerConnection,
            int publishPerSecond,
            int publishPerSecondPerConnection,
            int batchItems,
            int historyPage,
            long headersTime,
            long bodyTime,
            long idleTime) {}

    /**
     * The verticles that answer clients.
     *
     * @param timeoutMs how long one may take to answer, in ms
     */
    public record Services(long timeoutMs) {}

    /**
     * What the hub speaks beside its own protocol.
     *
     * @param mercure null where it does not
     * @param eventBusBridge null where it does not
     */
    public record Protocols(
            @Nullable MercureOptions mercure, @Nullable BridgeOptions eventBusBridge) {
        public static final Protocols NONE = new Protocols(null, null);
    }

    /**
     * The hub's own log, not that of messages.
     *
     * @param json whether a line is a JSON object, rather than text
     */
    public record Logging(boolean json) {}
}
