package io.anabranch.mercure;

import io.anabranch.message.Message;
import io.anabranch.stream.Update;
import org.jspecify.annotations.Nullable;

/** Reads each message once for all the subscribers that see it in turn. For one event loop. */
final class LatestUpdate {
    private @Nullable Read latest;

    private record Read(Message message, Update update) {}

    Update of(Message message) {
        Read read = latest;
        if (read == null || read.message() != message) {
            read = new Read(message, Update.of(message));
            latest = read;
        }
        return read.update();
    }
}
