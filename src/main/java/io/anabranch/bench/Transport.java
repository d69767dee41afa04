package io.anabranch.bench;

import java.util.Locale;

/** What carries a connection. */
public enum Transport {
    WEBSOCKET,
    SSE;

    /** As users write it: {@code websocket}. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
