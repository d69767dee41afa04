package io.anabranch.config;

import static io.anabranch.config.Schema.Key.NOT_SET;
import static io.anabranch.config.ValueType.brokerAddress;
import static io.anabranch.config.ValueType.duration;
import static io.anabranch.config.ValueType.flag;
import static io.anabranch.config.ValueType.integer;
import static io.anabranch.config.ValueType.listOf;
import static io.anabranch.config.ValueType.oneOf;
import static io.anabranch.config.ValueType.space;
import static io.anabranch.config.ValueType.streamName;
import static io.anabranch.config.ValueType.text;

import io.anabranch.config.Schema.Key;
import java.util.List;

/** What the configuration says of the messages: {@code log} and {@code channels}. */
final class LogKeys {
    static final List<Key> ALL =
            List.of(
                    new Key(
                            "log.type",
                            oneOf("sqlite", "memory", "nats"),
                            "sqlite",
                            "The engine that keeps the messages: in a file, until the hub stops,"
                                    + " or in a NATS stream that hubs share."),
                    new Key(
                            "log.path",
                            text("a file"),
                            "data/anabranch.db",
                            "The engine sqlite: its file."),
                    new Key(
                            "log.maxSize",
                            space("0B", "1048576GiB"),
                            "0B",
                            "How large the messages of sqlite's file may become; the oldest of all"
                                    + " channels go first. 0 for no limit."),
                    new Key(
                            "log.servers",
                            listOf(brokerAddress()),
                            List.of(),
                            "The engine nats: any servers of one cluster. Required there."),
                    new Key(
                            "log.credentials",
                            text("a .creds file"),
                            NOT_SET,
                            "The engine nats: who this hub is; a file with a JWT and its key."),
                    new Key(
                            "log.tls.ca",
                            text("a PEM file"),
                            NOT_SET,
                            "The engine nats: who may vouch for the servers; whom Java trusts,"
                                    + " when not set."),
                    new Key(
                            "log.tls.cert",
                            text("a PEM file"),
                            NOT_SET,
                            "The engine nats: this hub's certificate, where servers ask for one."),
                    new Key(
                            "log.tls.key",
                            text("a PEM file"),
                            NOT_SET,
                            "The engine nats: that certificate's private key."),
                    new Key(
                            "log.stream",
                            streamName(),
                            "anabranch",
                            "The engine nats: the stream that the hubs share; made where there is"
                                    + " none."),
                    new Key(
                            "log.replicas",
                            integer(1, 5),
                            1,
                            "The engine nats: on how many servers each message is stored."),
                    new Key(
                            "log.follow",
                            oneOf("interest", "all"),
                            "interest",
                            "The engine nats: whether this hub takes in only the messages that it"
                                    + " has readers for, or all of them."),
                    new Key(
                            "log.dedupWindow",
                            duration("0s", "1d"),
                            "2m",
                            "How long a deduplication key is remembered."),
                    new Key(
                            "channels.*.history.messages",
                            integer(0, 100_000_000),
                            1000,
                            "How many of the newest messages each such channel keeps."),
                    new Key(
                            "channels.*.history.age",
                            duration("0s", "36500d"),
                            "7d",
                            "How old a message may become."),
                    new Key(
                            "channels.*.durable",
                            flag(),
                            true,
                            "Whether a publisher's answer waits for stable storage."),
                    new Key(
                            "channels.*.presence",
                            flag(),
                            false,
                            "Whether joins and leaves are announced."),
                    new Key(
                            "channels.*.before",
                            text("an address of the event bus"),
                            NOT_SET,
                            "The verticle that is asked before a message is published; none, when"
                                    + " not set."),
                    new Key(
                            "channels.*.beforeTimeout",
                            duration("1ms", "10m"),
                            "5s",
                            "How long that verticle may take to answer."));

    private LogKeys() {}
}
