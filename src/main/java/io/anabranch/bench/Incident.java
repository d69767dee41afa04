package io.anabranch.bench;

import java.util.Locale;

/** What can go wrong in a run. */
public enum Incident {
    LOST("lost", true),
    REPEATED("repeated", true),
    REORDERED("out of order", true),
    BROKEN_CHAIN("prev does not follow", true),
    INVALID("not as published", true),
    GAP("gaps told", true),
    NOT_CONNECTED("not connected", true),
    DISCONNECTED("disconnected", true),
    REFUSED("publishes refused", false),
    FAILED("publishes failed", true),
    NOT_SENT("due and not sent", false);

    private final String words;
    private final boolean failure;

    Incident(String words, boolean failure) {
        this.words = words;
        this.failure = failure;
    }

    /** As a heading for a count. */
    public String words() {
        return words;
    }

    /** The stable word for programs: {@code broken_chain}. */
    public String code() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Whether one of them makes the run a failure. */
    public boolean isFailure() {
        return failure;
    }
}
