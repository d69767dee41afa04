package io.anabranch.stream;

import io.anabranch.message.Message;
import java.util.List;

/** Hears of the messages on the patterns that it is registered for, in log order. */
interface Listener {
    /**
     * @param messages one or more, in log order
     * @param prepared {@code messages}, to be shared by all who write them now
     */
    void onMessages(List<Message> messages, Prepared prepared);

    /** Hears that {@link #onMessages} has failed: it gets no more than an end of its own. */
    void onFailure(Throwable failure);
}
