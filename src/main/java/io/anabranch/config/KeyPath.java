package io.anabranch.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a value stands, as one writes it: {@code http.port}, {@code auth.keys[0].id}, {@code
 * channels."chat:*".presence}.
 *
 * @param segments names as Strings and places in lists as Integers
 */
record KeyPath(List<Object> segments) {
    static final KeyPath ROOT = new KeyPath(List.of());

    private static final Pattern BARE = Pattern.compile("[A-Za-z0-9_-]+");
    private static final Pattern SEGMENT =
            Pattern.compile("\\.(?:\"([^\"]+)\"|([^\".\\[\\]\\s]+))|\\[([0-9]{1,4})]");

    KeyPath {
        segments = List.copyOf(segments);
    }

    /** The path that {@code text} writes; empty when it is none. */
    static Optional<KeyPath> parse(String text) {
        String dotted = "." + text;
        Matcher matcher = SEGMENT.matcher(dotted);
        List<Object> segments = new ArrayList<>();
        int end = 0;
        while (end < dotted.length()) {
            if (!matcher.region(end, dotted.length()).lookingAt()) {
                return Optional.empty();
            }
            segments.add(segment(matcher));
            end = matcher.end();
        }
        return Optional.of(new KeyPath(segments));
    }

    private static Object segment(Matcher matcher) {
        if (matcher.group(3) != null) {
            return Integer.valueOf(matcher.group(3));
        }
        return matcher.group(1) != null ? matcher.group(1) : matcher.group(2);
    }

    KeyPath with(Object segment) {
        List<Object> longer = new ArrayList<>(segments);
        longer.add(segment);
        return new KeyPath(longer);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (Object segment : segments) {
            if (segment instanceof Integer place) {
                text.append('[').append(place.intValue()).append(']');
                continue;
            }
            String name = segment.toString();
            text.append(text.length() == 0 ? "" : ".");
            text.append(BARE.matcher(name).matches() ? name : '"' + name + '"');
        }
        return text.toString();
    }
}
