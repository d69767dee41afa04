package io.anabranch.cli;

import java.util.Optional;

/** Reads an event stream line by line (WHATWG HTML §9.2.6). */
final class SseParser {
    private static final String DEFAULT_EVENT = "message";

    private final StringBuilder data = new StringBuilder();
    private String event = DEFAULT_EVENT;
    private String lastId = "";
    private String completeId = "";

    /** One event. */
    record Event(String name, String data) {}

    /** The id of the newest block that is complete; empty before the first. */
    String lastEventId() {
        return completeId;
    }

    /** Takes the next line, without its end; gives the event that it completes. */
    Optional<Event> line(String line) {
        if (line.isEmpty()) {
            return dispatch();
        }
        int colon = line.indexOf(':');
        String field = colon < 0 ? line : line.substring(0, colon);
        String value = colon < 0 ? "" : line.substring(colon + 1);
        if (value.startsWith(" ")) {
            value = value.substring(1);
        }
        switch (field) {
            case "data" -> data.append(value).append('\n');
            case "event" -> event = value.isEmpty() ? DEFAULT_EVENT : value;
            case "id" -> lastId = value.indexOf('\0') < 0 ? value : lastId;
            default -> {}
        }
        return Optional.empty();
    }

    private Optional<Event> dispatch() {
        completeId = lastId;
        Optional<Event> complete =
                data.length() == 0
                        ? Optional.empty()
                        : Optional.of(new Event(event, data.substring(0, data.length() - 1)));
        data.setLength(0);
        event = DEFAULT_EVENT;
        return complete;
    }
}
