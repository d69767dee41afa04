package io.anabranch.log;

import java.util.NavigableMap;

/** A page's part of what is sorted by names. */
public final class NameRange {
    /** Greater than every character of a channel's name. */
    private static final char BEYOND = '\u007f';

    private NameRange() {}

    /** A view of those whose names begin with {@code prefix} and come after {@code after}. */
    public static <T> NavigableMap<String, T> of(
            NavigableMap<String, T> sorted, String prefix, String after) {
        String end = prefix + BEYOND;
        if (after.compareTo(prefix) < 0) {
            return sorted.subMap(prefix, true, end, false);
        }
        return sorted.subMap(after.compareTo(end) < 0 ? after : end, false, end, false);
    }
}
