package io.anabranch.config;

import static io.anabranch.config.Schema.Key.NOT_SET;
import static io.anabranch.config.ValueType.addressBlock;
import static io.anabranch.config.ValueType.duration;
import static io.anabranch.config.ValueType.flag;
import static io.anabranch.config.ValueType.integer;
import static io.anabranch.config.ValueType.listOf;
import static io.anabranch.config.ValueType.oneOf;
import static io.anabranch.config.ValueType.origin;
import static io.anabranch.config.ValueType.text;

import io.anabranch.config.Schema.Key;
import java.util.List;

/** What the configuration says of the doors: {@code http} and {@code management}. */
final class HttpKeys {
    static final List<Key> ALL =
            List.of(
                    new Key(
                            "http.host",
                            text("a host name or address"),
                            "127.0.0.1",
                            "The address that clients connect to; 0.0.0.0 for all of this machine's."),
                    new Key(
                            "http.port",
                            integer(0, 65535),
                            8080,
                            "The port that clients connect to; 0 for any free one."),
                    new Key(
                            "http.origins",
                            listOf(origin()),
                            List.of(),
                            "Web pages from elsewhere that may connect, by their exact origin."),
                    new Key(
                            "http.trustedProxies",
                            listOf(addressBlock()),
                            List.of(),
                            "Proxies whose Forwarded or X-Forwarded-For tells a client's address."),
                    new Key(
                            "http.tls.cert",
                            text("a PEM file"),
                            NOT_SET,
                            "The certificate chain. With it and the key, HTTPS and HTTP/2."),
                    new Key(
                            "http.tls.key",
                            text("a PEM file"),
                            NOT_SET,
                            "The certificate's private key."),
                    new Key(
                            "http.tls.reload",
                            duration("100ms", "1d"),
                            "10s",
                            "How often the two files are looked at for a change."),
                    new Key(
                            "http.tls.http3",
                            flag(),
                            false,
                            "Whether HTTP/3 is spoken too, on the UDP port of the same number."),
                    new Key(
                            "http.heartbeat",
                            duration("100ms", "10m"),
                            "15s",
                            "How often a quiet connection gets a heartbeat."),
                    new Key(
                            "http.batchInterval",
                            duration("0s", "1s"),
                            "0s",
                            "The least time between two deliveries: what is published meanwhile"
                                    + " goes out with the next, in one write a connection. A"
                                    + " message after a pause does not wait."),
                    new Key(
                            "http.drain",
                            duration("0s", "25s"),
                            "5s",
                            "When the hub stops: how long requests may take to end, and the time over"
                                    + " which clients are asked to come back."),
                    new Key(
                            "http.eventLoops",
                            integer(0, 1024),
                            0,
                            "How many event loops serve the connections; 0 for one a core."),
                    new Key(
                            "http.transport",
                            oneOf("auto", "io_uring", "epoll", "nio"),
                            "auto",
                            "How the event loops talk to the kernel; auto for the best that works"
                                    + " here."),
                    new Key(
                            "http.permessageDeflate",
                            flag(),
                            false,
                            "Whether WebSockets are compressed for clients that offer it."),
                    new Key(
                            "management.host",
                            text("a host name or address"),
                            "127.0.0.1",
                            "The address that operators connect to."),
                    new Key(
                            "management.port",
                            integer(0, 65535),
                            8090,
                            "The port that operators connect to; 0 for any free one."));

    private HttpKeys() {}
}
