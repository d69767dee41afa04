package io.anabranch.message;

/** A position that a reader holds in the log: "all up to here has been received". */
public sealed interface Cursor {
    String EARLIEST = "earliest";

    /** Everything up to and with {@code id} has been received. */
    record After(MessageId id) implements Cursor {}

    /** Nothing has been received; the reader wants all that the log still holds. */
    record Earliest() implements Cursor {}

    /**
     * Reads {@code k4x9-1042} or {@code earliest}.
     *
     * @throws Refusal {@code bad_request} for anything else; {@code name} says whose value it is
     */
    static Cursor parse(String name, String text) {
        return text.equals(EARLIEST) ? new Earliest() : new After(MessageId.parse(name, text));
    }
}
