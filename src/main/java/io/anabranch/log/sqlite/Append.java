package io.anabranch.log.sqlite;

import io.anabranch.log.Appended;
import io.anabranch.log.Draft;
import io.anabranch.message.Message;
import io.vertx.core.Promise;

/**
 * A draft with its place in the log.
 *
 * @param commitFirst whether nobody may hear of it before it is on stable storage
 */
record Append(
        Draft draft,
        Message message,
        ChannelState state,
        boolean commitFirst,
        Promise<Appended> promise) {}
