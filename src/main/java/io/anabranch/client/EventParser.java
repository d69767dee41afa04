package io.anabranch.client;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import java.util.StringJoiner;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/** Server-sent events as the HTML standard reads them, and also those that only carry an id. */
final class EventParser {
    private final BiConsumer<String, String> onEvent;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();
    private boolean afterCarriageReturn;
    private String id = "";
    private @Nullable StringJoiner data;
    private boolean touched;

    /**
     * @param onEvent takes id and data; data is empty where an event has none
     */
    EventParser(BiConsumer<String, String> onEvent) {
        this.onEvent = onEvent;
    }

    void push(Buffer chunk) {
        for (byte each : chunk.getBytes()) {
            boolean restOfLineEnd = each == '\n' && afterCarriageReturn;
            afterCarriageReturn = each == '\r';
            if (each != '\n' && each != '\r') {
                line.write(each);
            } else if (!restOfLineEnd) {
                String text = line.toString(UTF_8);
                line.reset();
                take(text);
            }
        }
    }

    private void take(String text) {
        if (text.isEmpty()) {
            dispatch();
            return;
        }
        int colon = text.indexOf(':');
        String field = colon < 0 ? text : text.substring(0, colon);
        String value = colon < 0 ? "" : text.substring(colon + 1);
        value = value.startsWith(" ") ? value.substring(1) : value;
        if (field.equals("data")) {
            data = (data == null ? new StringJoiner("\n") : data).add(value);
            touched = true;
        } else if (field.equals("id")) {
            id = value;
            touched = true;
        }
    }

    private void dispatch() {
        String text = data == null ? "" : data.toString();
        boolean complete = touched;
        data = null;
        touched = false;
        if (complete) {
            onEvent.accept(id, text);
        }
    }
}
