package io.anabranch.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;

/** An answer, cut into messages that the broker takes. */
final class Parts {
    /** About so many characters in a message; the broker takes 1 MiB by default. */
    private static final int PART = 200_000;

    private Parts() {}

    static List<byte[]> of(List<JsonObject> items) {
        List<byte[]> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (JsonObject item : items) {
            String text = item.encode();
            if (part.length() > 0 && part.length() + text.length() > PART) {
                parts.add(part(parts.size(), part, false));
                part.setLength(0);
            }
            part.append(part.length() == 0 ? "" : ",").append(text);
        }
        parts.add(part(parts.size(), part, true));
        return parts;
    }

    private static byte[] part(int number, StringBuilder items, boolean last) {
        String text = "{\"part\":" + number + ",\"last\":" + last + ",\"items\":[" + items + "]}";
        return text.getBytes(UTF_8);
    }

    static byte[] failure(Throwable failure) {
        Refusal refusal =
                failure instanceof Refusal known
                        ? known
                        : new Refusal(Reason.INTERNAL, "another hub failed; see its log");
        return new JsonObject()
                .put("status", refusal.status())
                .put("message", refusal.explanation())
                .toBuffer()
                .getBytes();
    }

    /** Puts an answer together again. For one thread. */
    static final class Joined {
        private final List<JsonObject> items = new ArrayList<>();
        private int parts;

        /**
         * Takes the next part.
         *
         * @return whether it was the last one
         * @throws Refusal when the answer is a failure, or lacks a part
         */
        boolean take(byte[] data) {
            JsonObject part = new JsonObject(new String(data, UTF_8));
            Integer status = part.getInteger("status");
            if (status != null) {
                throw Refusal.ofStatus(status, part.getString("message", ""));
            }
            if (part.getInteger("part") != parts++) {
                throw new Refusal(
                        Reason.UNAVAILABLE,
                        "a part of another hub's answer is missing (expected: to be asked again)");
            }
            JsonArray array = part.getJsonArray("items");
            for (int i = 0; i < array.size(); i++) {
                items.add(array.getJsonObject(i));
            }
            return part.getBoolean("last");
        }

        List<JsonObject> items() {
            return items;
        }
    }
}
