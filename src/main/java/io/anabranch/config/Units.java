package io.anabranch.config;

import java.util.Map;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Amounts as people write them: {@code 15s}, {@code 64KiB}. */
public final class Units {
    private static final Pattern AMOUNT = Pattern.compile("(0|[1-9][0-9]{0,14}) ?([A-Za-z]*)");
    private static final Map<String, Long> DURATIONS =
            Map.of("ms", 1L, "s", 1_000L, "m", 60_000L, "h", 3_600_000L, "d", 86_400_000L);
    private static final Map<String, Long> SIZES =
            Map.of("", 1L, "B", 1L, "KiB", 1L << 10, "MiB", 1L << 20, "GiB", 1L << 30);

    private Units() {}

    /** The milliseconds of {@code 500ms}, {@code 15s}, {@code 10m}, {@code 1h}, {@code 7d}. */
    public static OptionalLong milliseconds(String text) {
        return amount(text, DURATIONS);
    }

    /** The bytes of {@code 64KiB}, {@code 1MiB}, {@code 1000}. */
    public static OptionalLong bytes(String text) {
        return amount(text, SIZES);
    }

    private static OptionalLong amount(String text, Map<String, Long> units) {
        Matcher matcher = AMOUNT.matcher(text);
        Long unit = matcher.matches() ? units.get(matcher.group(2)) : null;
        if (unit == null) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(Math.multiplyExact(Long.parseLong(matcher.group(1)), unit));
        } catch (ArithmeticException tooLarge) {
            return OptionalLong.empty();
        }
    }
}
