package io.anabranch.stream;

import io.anabranch.message.Channel;
import io.anabranch.message.Message;

/**
 * What one connection sees of the messages that it listens for, where its patterns alone do not say
 * that. Asked on the connection's event loop, for each message; the answer must not change.
 */
public interface View {
    /** All of them. */
    View ALL =
            new View() {
                @Override
                public boolean shows(Message message) {
                    return true;
                }

                @Override
                public boolean shows(Channel channel) {
                    return true;
                }
            };

    boolean shows(Message message);

    /** Whether it may be told of messages of {@code channel} that are no longer held. */
    boolean shows(Channel channel);
}
