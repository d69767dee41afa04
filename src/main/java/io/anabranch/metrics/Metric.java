package io.anabranch.metrics;

import java.util.List;

/**
 * Everything that the hub measures of itself: names, meanings and labels, here and nowhere else.
 * {@code docs/metrics.md} has the same names as Prometheus shows them.
 */
public enum Metric {
    CONNECTIONS("anabranch.connections", "Open connections of subscribers.", "transport"),
    CONNECTIONS_OPENED(
            "anabranch.connections.opened", "Connections of subscribers let in.", "transport"),
    CONNECTIONS_CLOSED(
            "anabranch.connections.closed",
            "Connections of subscribers that ended, and why.",
            "transport",
            "reason"),
    TRANSPORT_SWITCHES(
            "anabranch.transport.switches",
            "Clients that opened a connection over another transport than their last one.",
            "to"),
    REFUSALS(
            "anabranch.refusals",
            "What was asked for and refused, by what asked and the answer's code.",
            "of",
            "code"),
    LIMITS_EXCEEDED(
            "anabranch.limits.exceeded",
            "How often a limit of the configuration refused something, or ended a connection.",
            "limit"),
    FAILURES("anabranch.failures", "Exceptions that nobody caught; the log has them."),
    PUBLISHED("anabranch.messages.published", "Messages that the log has accepted."),
    PUBLISH_REFUSED(
            "anabranch.publish.refusals", "Messages that publishers did not get in.", "code"),
    DEDUP_HITS("anabranch.dedup.hits", "Messages that were published before, and not again."),
    DELIVERED("anabranch.messages.delivered", "Messages written to subscribers.", "transport"),
    REPLAYED(
            "anabranch.messages.replayed",
            "Of those delivered, the ones that were read from the log.",
            "transport"),
    SENT_BYTES(
            "anabranch.sent.bytes",
            "What was written to subscribers, framing and heartbeats included.",
            "transport"),
    CONFLATED(
            "anabranch.messages.conflated",
            "Messages that a newer one replaced before they were due to a conflating subscriber."),
    REPLAYS(
            "anabranch.replays",
            "Subscriptions that began in the past: at a cursor, or with the last messages."),
    GAPS("anabranch.gaps", "Gaps that subscribers were told of.", "reason"),
    BEHIND("anabranch.subscriptions.behind", "Subscriptions whose client does not keep up now."),
    FELL_BEHIND(
            "anabranch.subscriptions.fell.behind",
            "How often a subscription's client stopped keeping up."),
    APPEND(
            "anabranch.append",
            "How long the log took to answer a publisher, as durably as promised."),
    APPENDS_WAITING("anabranch.log.appends.waiting", "Messages that the log has not answered yet."),
    LOG_HEAD("anabranch.log.head", "The place of the newest message in the log."),
    LOG_BYTES("anabranch.log.size.bytes", "The log's files on the disk; 0 where it is in memory."),
    PRESENCE_MEMBERS("anabranch.presence.members", "Members present, over all channels."),
    CALLS("anabranch.calls", "Calls of services, by the answer's status.", "status"),
    BEFORE(
            "anabranch.before",
            "Messages that a verticle was asked about before they were published, and what came of"
                    + " it.",
            "outcome"),
    BUS_DELIVERED("anabranch.bus.delivered", "Messages handed to verticles that listen.");

    private final String id;
    private final String description;
    private final List<String> labels;

    Metric(String id, String description, String... labels) {
        this.id = id;
        this.description = description;
        this.labels = List.of(labels);
    }

    /** The name, in Micrometer's way of writing it. */
    public String id() {
        return id;
    }

    /** What it counts, in a sentence. */
    public String description() {
        return description;
    }

    /** What tells its parts from each other; empty where it has none. */
    public List<String> labels() {
        return labels;
    }
}
