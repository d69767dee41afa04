package io.anabranch.log.nats;

import java.nio.file.Path;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Which stream of which broker.
 *
 * @param servers addresses such as {@code nats://127.0.0.1:4222}; any of one cluster's
 * @param credentials a file with a user's JWT and key; null for none
 * @param tls who is trusted and who one is; null for what the JDK trusts
 * @param stream the stream's name
 * @param replicas on how many servers of the cluster each message is stored
 * @param dedupWindowMs how long a deduplication key is remembered, in ms; 0 for not at all
 * @param maxHotBytes how many bytes of the newest messages a hub has in memory, about
 * @param byInterest whether a hub takes in only the messages that it has readers for, while another
 *     one tells it where the others stand
 */
public record NatsOptions(
        List<String> servers,
        @Nullable Path credentials,
        @Nullable SSLContext tls,
        String stream,
        int replicas,
        long dedupWindowMs,
        long maxHotBytes,
        boolean byInterest) {
    public static final long STANDARD_HOT_BYTES = 64 << 20;

    public NatsOptions {
        servers = List.copyOf(servers);
    }
}
