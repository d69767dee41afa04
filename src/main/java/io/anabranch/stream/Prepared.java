package io.anabranch.stream;

import io.anabranch.message.Message;
import io.netty.buffer.ByteBuf;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages on their way to the subscribers of one event loop, encoded once in each form that is
 * asked for. To be released when the last subscriber has its share.
 */
final class Prepared {
    private final List<Message> messages;
    private final @Nullable ByteBuf[] buffers = new ByteBuf[Encoding.values().length];

    Prepared(List<Message> messages) {
        this.messages = messages;
    }

    /** A share of the buffer in {@code encoding}, which the caller owns. */
    ByteBuf share(Encoding encoding) {
        ByteBuf buffer = buffers[encoding.ordinal()];
        if (buffer == null) {
            buffer = encode(encoding, messages);
            buffers[encoding.ordinal()] = buffer;
        }
        return buffer.retainedDuplicate();
    }

    void release() {
        for (ByteBuf buffer : buffers) {
            if (buffer != null) {
                buffer.release();
            }
        }
    }

    static ByteBuf encode(Encoding encoding, List<Message> messages) {
        int size = 0;
        for (Message message : messages) {
            size += message.size();
        }
        return encoding.buffer(
                size,
                out -> {
                    for (Message message : messages) {
                        encoding.writeMessage(message, out);
                    }
                });
    }
}
