package io.anabranch.stream;

import io.anabranch.message.Message;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.util.Optional;

/** What clients of the Vert.x event bus bridge are sent. */
final class BusFrames {
    private static final int GONE = 410;

    private BusFrames() {}

    /** A message: its data is the body, what else it has is in the headers. */
    static byte[] of(Message message) {
        JsonObject headers =
                new JsonObject()
                        .put("id", message.id().toString())
                        .put("event", message.event())
                        .put("time", message.time());
        if (message.prev() != null) {
            headers.put("prev", message.prev().toString());
        }
        if (message.user() != null) {
            headers.put("user", message.user());
        }
        JsonObject frame =
                new JsonObject()
                        .put("type", "rec")
                        .put("address", message.channel().name())
                        .put("headers", headers);
        Buffer json = frame.toBuffer();
        // The body goes in as its publisher wrote it.
        return json.getBuffer(0, json.length() - 1)
                .appendString(",\"body\":")
                .appendBytes(message.data().utf8())
                .appendString("}")
                .getBytes();
    }

    /** A gap, as an error of its address; the bridge has no word for other control frames. */
    static Optional<byte[]> of(JsonObject control) {
        if (!"gap".equals(control.getString("type"))) {
            return Optional.empty();
        }
        JsonObject error =
                new JsonObject()
                        .put("type", "err")
                        .put("address", control.getString("channel"))
                        .put("failureCode", GONE)
                        .put("failureType", "RECIPIENT_FAILURE")
                        .put("message", "messages are lost: " + control.getString("reason"))
                        .put("body", control);
        return Optional.of(error.toBuffer().getBytes());
    }
}
