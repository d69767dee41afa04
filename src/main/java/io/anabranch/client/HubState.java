package io.anabranch.client;

/** What a client's connection is doing. */
public enum HubState {
    /** A transport is being opened, and none serves. */
    CONNECTING,
    /** One serves, also while another is opened beside it. */
    OPEN,
    /** None serves; the next attempt comes by itself. */
    WAITING,
    /** For good. */
    CLOSED
}
