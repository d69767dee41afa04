package io.anabranch.client;

import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** Ranges of numbers, as scenarios write them: {@code 1-3,39-43}. */
final class Numbers {
    private Numbers() {}

    static List<Integer> parse(String ranges) {
        List<Integer> numbers = new ArrayList<>();
        for (String range : ranges.split(",")) {
            String[] ends = range.split("-");
            int first = Integer.parseInt(ends[0]);
            int last = Integer.parseInt(ends[ends.length - 1]);
            IntStream.rangeClosed(first, last).forEach(numbers::add);
        }
        return numbers;
    }

    /** {@code {"chat:a":"1-3"}}: channel → its numbers. */
    static Map<String, List<Integer>> ofChannels(JsonObject ranges) {
        Map<String, List<Integer>> numbers = new TreeMap<>();
        ranges.forEach(each -> numbers.put(each.getKey(), parse((String) each.getValue())));
        return numbers;
    }
}
