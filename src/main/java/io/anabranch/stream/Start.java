package io.anabranch.stream;

import io.anabranch.message.Cursor;

/** Where a subscription begins (protocol, sections 3 and 5). */
public sealed interface Start {
    /** With what comes from now on. */
    record Live() implements Start {}

    /** With all that the log holds after a cursor. */
    record After(Cursor cursor) implements Start {}

    /** With the newest messages of each channel, at most {@code messages}. */
    record Last(int messages) implements Start {}
}
