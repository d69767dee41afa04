package io.anabranch.message;

/** The limits of the configuration, each with its place there. */
public enum Limit {
    CONNECTIONS("connections"),
    CONNECTIONS_PER_USER("connectionsPerUser"),
    CONNECTIONS_PER_ADDRESS("connectionsPerAddress"),
    CHANNELS_PER_CONNECTION("channelsPerConnection"),
    PUBLISH_PER_SECOND("publishPerSecond"),
    PUBLISH_PER_SECOND_PER_CONNECTION("publishPerSecondPerConnection"),
    MESSAGE("message"),
    FRAME("frame"),
    HEADERS("headers"),
    URL("url"),
    BATCH_ITEMS("batchItems"),
    HEADERS_TIME("headersTime"),
    BODY_TIME("bodyTime"),
    HISTORY_PAGE("historyPage");

    private final String name;

    Limit(String name) {
        this.name = name;
    }

    /** The key that sets it: {@code limits.message}. */
    public String setting() {
        return "limits." + name;
    }
}
