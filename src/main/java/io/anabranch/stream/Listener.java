package io.anabranch.stream;

import io.anabranch.message.Message;

/** Hears of the messages on the patterns that it is registered for, in log order. */
interface Listener {
    /**
     * @param prepared {@code message}, to be shared by all who write it now
     */
    void onMessage(Message message, Prepared prepared);

    /** Hears that {@link #onMessage} has failed: it gets no more than an end of its own. */
    void onFailure(Throwable failure);
}
