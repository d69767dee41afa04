package io.anabranch.hub;

import io.anabranch.message.Message;

/** Somewhere that appended messages go: an event loop with subscribers, or the event bus. */
public interface Receiver {
    /** What this receiver wants to be offered. */
    Interest interest();

    /**
     * Takes a message, in log order. Called on the thread that appended, so it must return at once
     * and must not fail.
     */
    void offer(Message message);

    /** Takes what changed about who is on a channel. Must return at once and must not fail. */
    void offer(PresenceNews news);
}
