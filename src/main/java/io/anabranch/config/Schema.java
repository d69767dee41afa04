package io.anabranch.config;

import static io.anabranch.config.ValueType.addressBlock;
import static io.anabranch.config.ValueType.brokerAddress;
import static io.anabranch.config.ValueType.channelPattern;
import static io.anabranch.config.ValueType.cookieName;
import static io.anabranch.config.ValueType.duration;
import static io.anabranch.config.ValueType.flag;
import static io.anabranch.config.ValueType.integer;
import static io.anabranch.config.ValueType.keysAddress;
import static io.anabranch.config.ValueType.listOf;
import static io.anabranch.config.ValueType.oneOf;
import static io.anabranch.config.ValueType.origin;
import static io.anabranch.config.ValueType.secret;
import static io.anabranch.config.ValueType.section;
import static io.anabranch.config.ValueType.size;
import static io.anabranch.config.ValueType.space;
import static io.anabranch.config.ValueType.streamName;
import static io.anabranch.config.ValueType.text;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Every key that the configuration may have, in the order of the documentation. In a path, {@code
 * []} stands for the items of a list and {@code *} for any name.
 */
final class Schema {
    private static final @Nullable Object NOT_SET = null;

    private static final List<Key> KEYS =
            List.of(
                    key(
                            "http.host",
                            text("a host name or address"),
                            "127.0.0.1",
                            "The address that clients connect to; 0.0.0.0 for all of this machine's."),
                    key(
                            "http.port",
                            integer(0, 65535),
                            8080,
                            "The port that clients connect to; 0 for any free one."),
                    key(
                            "http.origins",
                            listOf(origin()),
                            List.of(),
                            "Web pages from elsewhere that may connect, by their exact origin."),
                    key(
                            "http.trustedProxies",
                            listOf(addressBlock()),
                            List.of(),
                            "Proxies whose Forwarded or X-Forwarded-For tells a client's address."),
                    key(
                            "http.tls.cert",
                            text("a PEM file"),
                            NOT_SET,
                            "The certificate chain. With it and the key, HTTPS and HTTP/2."),
                    key(
                            "http.tls.key",
                            text("a PEM file"),
                            NOT_SET,
                            "The certificate's private key."),
                    key(
                            "http.tls.reload",
                            duration("100ms", "1d"),
                            "10s",
                            "How often the two files are looked at for a change."),
                    key(
                            "http.tls.http3",
                            flag(),
                            false,
                            "Whether HTTP/3 is spoken too, on the UDP port of the same number."),
                    key(
                            "http.heartbeat",
                            duration("100ms", "10m"),
                            "15s",
                            "How often a quiet connection gets a heartbeat."),
                    key(
                            "http.drain",
                            duration("0s", "25s"),
                            "5s",
                            "When the hub stops: how long requests may take to end, and the time over"
                                    + " which clients are asked to come back."),
                    key(
                            "http.eventLoops",
                            integer(0, 1024),
                            0,
                            "How many event loops serve the connections; 0 for one a core."),
                    key(
                            "http.transport",
                            oneOf("auto", "io_uring", "epoll", "nio"),
                            "auto",
                            "How the event loops talk to the kernel; auto for the best that works"
                                    + " here."),
                    key(
                            "http.permessageDeflate",
                            flag(),
                            false,
                            "Whether WebSockets are compressed for clients that offer it."),
                    key(
                            "management.host",
                            text("a host name or address"),
                            "127.0.0.1",
                            "The address that operators connect to."),
                    key(
                            "management.port",
                            integer(0, 65535),
                            8090,
                            "The port that operators connect to; 0 for any free one."),
                    key(
                            "auth.keys[].id",
                            text("a name"),
                            NOT_SET,
                            "What a token's kid may name. Required."),
                    key(
                            "auth.keys[].algorithm",
                            oneOf("HS256", "RS256", "ES256", "EdDSA"),
                            NOT_SET,
                            "The one algorithm that this key is good for. Required."),
                    key(
                            "auth.keys[].secret",
                            secret(),
                            NOT_SET,
                            "For HS256: the secret that signs and verifies tokens."),
                    key(
                            "auth.keys[].publicKey",
                            text("a PEM file"),
                            NOT_SET,
                            "For the others: the public key that verifies tokens."),
                    key(
                            "auth.jwks.url",
                            keysAddress(),
                            NOT_SET,
                            "Where an issuer publishes its keys (RFC 7517)."),
                    key(
                            "auth.jwks.refresh",
                            duration("1s", "30d"),
                            "10m",
                            "How often those keys are read again."),
                    key(
                            "auth.issuer",
                            text("a name"),
                            NOT_SET,
                            "What a token's iss must be; any, when not set."),
                    key(
                            "auth.audience",
                            text("a name"),
                            NOT_SET,
                            "What a token's aud must be or hold; any, when not set."),
                    key(
                            "auth.tokenType",
                            text("a media type"),
                            NOT_SET,
                            "What a token's typ must be, such as at+jwt (RFC 9068); any, when not"
                                    + " set."),
                    key(
                            "auth.leeway",
                            duration("0s", "1m"),
                            "5s",
                            "How far ahead an issuer's clock may be, for nbf. exp is exact."),
                    key(
                            "auth.maxTokenLife",
                            duration("0s", "36500d"),
                            "0s",
                            "How long after iat, which is then required, a token may be good. 0"
                                    + " for any time."),
                    key(
                            "auth.cookie",
                            cookieName(),
                            NOT_SET,
                            "The cookie that may carry a token; none, when not set."),
                    key(
                            "auth.anonymous.subscribe",
                            listOf(channelPattern()),
                            List.of(),
                            "What clients without a token may subscribe to."),
                    key(
                            "auth.anonymous.publish",
                            listOf(channelPattern()),
                            List.of(),
                            "Where clients without a token may publish."),
                    key(
                            "auth.anonymous.presence",
                            listOf(channelPattern()),
                            List.of(),
                            "Whose presence clients without a token may see."),
                    key(
                            "auth.anonymous.call",
                            listOf(channelPattern()),
                            List.of(),
                            "Which services clients without a token may call."),
                    key(
                            "log.type",
                            oneOf("sqlite", "memory", "nats"),
                            "sqlite",
                            "The engine that keeps the messages: in a file, until the hub stops,"
                                    + " or in a NATS stream that hubs share."),
                    key(
                            "log.path",
                            text("a file"),
                            "data/anabranch.db",
                            "The engine sqlite: its file."),
                    key(
                            "log.maxSize",
                            space("0B", "1048576GiB"),
                            "0B",
                            "How large the messages of sqlite's file may become; the oldest of all"
                                    + " channels go first. 0 for no limit."),
                    key(
                            "log.servers",
                            listOf(brokerAddress()),
                            List.of(),
                            "The engine nats: any servers of one cluster. Required there."),
                    key(
                            "log.credentials",
                            text("a .creds file"),
                            NOT_SET,
                            "The engine nats: who this hub is; a file with a JWT and its key."),
                    key(
                            "log.tls.ca",
                            text("a PEM file"),
                            NOT_SET,
                            "The engine nats: who may vouch for the servers; whom Java trusts,"
                                    + " when not set."),
                    key(
                            "log.tls.cert",
                            text("a PEM file"),
                            NOT_SET,
                            "The engine nats: this hub's certificate, where servers ask for one."),
                    key(
                            "log.tls.key",
                            text("a PEM file"),
                            NOT_SET,
                            "The engine nats: that certificate's private key."),
                    key(
                            "log.stream",
                            streamName(),
                            "anabranch",
                            "The engine nats: the stream that the hubs share; made where there is"
                                    + " none."),
                    key(
                            "log.replicas",
                            integer(1, 5),
                            1,
                            "The engine nats: on how many servers each message is stored."),
                    key(
                            "log.follow",
                            oneOf("interest", "all"),
                            "interest",
                            "The engine nats: whether this hub takes in only the messages that it"
                                    + " has readers for, or all of them."),
                    key(
                            "log.dedupWindow",
                            duration("0s", "1d"),
                            "2m",
                            "How long a deduplication key is remembered."),
                    key(
                            "channels.*.history.messages",
                            integer(0, 100_000_000),
                            1000,
                            "How many of the newest messages each such channel keeps."),
                    key(
                            "channels.*.history.age",
                            duration("0s", "36500d"),
                            "7d",
                            "How old a message may become."),
                    key(
                            "channels.*.durable",
                            flag(),
                            true,
                            "Whether a publisher's answer waits for stable storage."),
                    key(
                            "channels.*.presence",
                            flag(),
                            false,
                            "Whether joins and leaves are announced."),
                    key(
                            "channels.*.before",
                            text("an address of the event bus"),
                            NOT_SET,
                            "The verticle that is asked before a message is published; none, when"
                                    + " not set."),
                    key(
                            "channels.*.beforeTimeout",
                            duration("1ms", "10m"),
                            "5s",
                            "How long that verticle may take to answer."),
                    key(
                            "limits.message",
                            size("1B", "64MiB"),
                            "64KiB",
                            "The largest data of one message."),
                    key(
                            "limits.frame",
                            size("1KiB", "128MiB"),
                            NOT_SET,
                            "The largest WebSocket message of a client; limits.message and 16KiB,"
                                    + " when not set."),
                    key(
                            "limits.url",
                            size("256B", "64KiB"),
                            "8KiB",
                            "The longest first line of a request, which has its URL."),
                    key(
                            "limits.headers",
                            size("1KiB", "1MiB"),
                            "16KiB",
                            "The largest headers of a request."),
                    key(
                            "limits.connections",
                            integer(1, 10_000_000),
                            100_000,
                            "How many connections subscribers may have in all."),
                    key(
                            "limits.connectionsPerAddress",
                            integer(1, 10_000_000),
                            10_000,
                            "How many connections may come from one address at a time."),
                    key(
                            "limits.connectionsPerUser",
                            integer(1, 10_000_000),
                            100,
                            "How many connections one user may have at a time."),
                    key(
                            "limits.channelsPerConnection",
                            integer(1, 1_000_000),
                            128,
                            "How many channels and patterns one connection may subscribe to."),
                    key(
                            "limits.publishPerSecond",
                            integer(1, 10_000_000),
                            200,
                            "How many messages a second one user may publish."),
                    key(
                            "limits.publishPerSecondPerConnection",
                            integer(1, 10_000_000),
                            NOT_SET,
                            "How many messages a second one connection may publish;"
                                    + " limits.publishPerSecond, when not set."),
                    key(
                            "limits.batchItems",
                            integer(1, 1_000_000),
                            1_000,
                            "How many messages one JSON array may publish."),
                    key(
                            "limits.historyPage",
                            integer(1, 100_000),
                            1_000,
                            "How many messages of the past one request may ask for."),
                    key(
                            "limits.headersTime",
                            duration("100ms", "10m"),
                            "15s",
                            "How long a new connection may take over the headers of a request."),
                    key(
                            "limits.bodyTime",
                            duration("100ms", "1h"),
                            "1m",
                            "How long a request may take over its body, unless it is NDJSON."),
                    key(
                            "limits.idleTime",
                            duration("100ms", "1h"),
                            "75s",
                            "How long a connection waits for its next request."),
                    key(
                            "services.timeout",
                            duration("1ms", "1h"),
                            "25s",
                            "How long a verticle may take to answer a client's call."),
                    key(
                            "protocols.mercure.enabled",
                            flag(),
                            false,
                            "Whether the hub speaks Mercure, at /.well-known/mercure."),
                    key(
                            "protocols.mercure.open",
                            listOf(channelPattern()),
                            List.of(),
                            "Channels whose public updates everybody with a token may have by"
                                    + " Mercure; others need a permission or the claim."),
                    key(
                            "protocols.mercure.cookie",
                            cookieName(),
                            "mercureAuthorization",
                            "The cookie that may carry a token there."),
                    key(
                            "protocols.mercure.subscriptions",
                            flag(),
                            false,
                            "Whether subscriptions are listed, and their begin and end are"
                                    + " published."),
                    key(
                            "protocols.eventBusBridge.enabled",
                            flag(),
                            false,
                            "Whether the hub speaks to clients of the Vert.x event bus bridge."),
                    key(
                            "protocols.eventBusBridge.path",
                            text("a path such as /eventbus"),
                            "/eventbus",
                            "Where they connect by SockJS; the raw WebSocket is below it."),
                    key(
                            "logging.format",
                            oneOf("text", "json"),
                            "text",
                            "How the lines look that the hub writes to standard error."),
                    key(
                            "verticles[].name",
                            text("a file such as bots/greeter.js, or the name of a class"),
                            NOT_SET,
                            "What is deployed beside the hub. Required; where nothing else is set,"
                                    + " it may stand alone."),
                    key(
                            "verticles[].otherwise",
                            text("a file such as bots/greeter.js"),
                            NOT_SET,
                            "What is deployed in its place where its language is not installed."),
                    key(
                            "verticles[].required",
                            flag(),
                            false,
                            "Whether the hub does not start without it."),
                    key(
                            "verticles[].config",
                            section(),
                            NOT_SET,
                            "What the verticle finds as its configuration."),
                    key(
                            "verticles[].limits.time",
                            duration("10ms", "10m"),
                            "5s",
                            "How long one call of a script may take before it is stopped."),
                    key(
                            "verticles[].limits.statements",
                            integer(0, Integer.MAX_VALUE),
                            0,
                            "How many statements one call of a script may execute, not in Groovy;"
                                    + " 0 for any number."),
                    key(
                            "development",
                            flag(),
                            false,
                            "On loopback only: demo pages, a generated key, a token at the start."));

    private Schema() {}

    /** All keys, in the order of the documentation. */
    static List<Key> keys() {
        return KEYS;
    }

    static Key key(String path) {
        return KEYS.stream()
                .filter(key -> key.path().equals(path))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(path + ": not in the schema"));
    }

    private static Key key(
            String path, ValueType type, @Nullable Object standard, String description) {
        return new Key(path, type, standard, description);
    }

    /**
     * One key.
     *
     * @param standard the default, as one would write it; null when there is none
     */
    record Key(String path, ValueType type, @Nullable Object standard, String description) {}
}
