package io.anabranch.client;

/** How messages come, the better way first. */
public enum Transport {
    WEBSOCKET,
    SSE
}
