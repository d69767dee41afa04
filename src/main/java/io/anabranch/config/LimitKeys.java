package io.anabranch.config;

import static io.anabranch.config.Schema.Key.NOT_SET;
import static io.anabranch.config.ValueType.duration;
import static io.anabranch.config.ValueType.integer;
import static io.anabranch.config.ValueType.size;

import io.anabranch.config.Schema.Key;
import java.util.List;

/** What the configuration bounds: {@code limits}. */
final class LimitKeys {
    static final List<Key> ALL =
            List.of(
                    new Key(
                            "limits.message",
                            size("1B", "64MiB"),
                            "64KiB",
                            "The largest data of one message."),
                    new Key(
                            "limits.frame",
                            size("1KiB", "128MiB"),
                            NOT_SET,
                            "The largest WebSocket message of a client; limits.message and 16KiB,"
                                    + " when not set."),
                    new Key(
                            "limits.url",
                            size("256B", "64KiB"),
                            "8KiB",
                            "The longest first line of a request, which has its URL."),
                    new Key(
                            "limits.headers",
                            size("1KiB", "1MiB"),
                            "16KiB",
                            "The largest headers of a request."),
                    new Key(
                            "limits.connections",
                            integer(1, 10_000_000),
                            100_000,
                            "How many connections subscribers may have in all."),
                    new Key(
                            "limits.connectionsPerAddress",
                            integer(1, 10_000_000),
                            10_000,
                            "How many connections may come from one address at a time."),
                    new Key(
                            "limits.connectionsPerUser",
                            integer(1, 10_000_000),
                            100,
                            "How many connections one user may have at a time."),
                    new Key(
                            "limits.channelsPerConnection",
                            integer(1, 1_000_000),
                            128,
                            "How many channels and patterns one connection may subscribe to."),
                    new Key(
                            "limits.publishPerSecond",
                            integer(1, 10_000_000),
                            200,
                            "How many messages a second one user may publish."),
                    new Key(
                            "limits.publishPerSecondPerConnection",
                            integer(1, 10_000_000),
                            NOT_SET,
                            "How many messages a second one connection may publish;"
                                    + " limits.publishPerSecond, when not set."),
                    new Key(
                            "limits.batchItems",
                            integer(1, 1_000_000),
                            1_000,
                            "How many messages one JSON array may publish."),
                    new Key(
                            "limits.historyPage",
                            integer(1, 100_000),
                            1_000,
                            "How many messages of the past one request may ask for."),
                    new Key(
                            "limits.headersTime",
                            duration("100ms", "10m"),
                            "15s",
                            "How long a new connection may take over the headers of a request."),
                    new Key(
                            "limits.bodyTime",
                            duration("100ms", "1h"),
                            "1m",
                            "How long a request may take over its body, unless it is NDJSON."),
                    new Key(
                            "limits.idleTime",
                            duration("100ms", "1h"),
                            "75s",
                            "How long a connection waits for its next request."));

    private LimitKeys() {}
}
