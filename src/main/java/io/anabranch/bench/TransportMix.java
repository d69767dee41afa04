package io.anabranch.bench;

import io.anabranch.message.Refusal;
import java.util.EnumMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * Which transports the connections have, by weight.
 *
 * @param weights at least one above 0
 */
public record TransportMix(Map<Transport, Integer> weights) {
    private static final String EXPECTED =
            "websocket, sse, mix, or weights such as websocket=70,sse=30";
    private static final int MAX_WEIGHT = 1_000_000;

    public TransportMix {
        weights = Map.copyOf(weights);
    }

    /**
     * Reads {@code websocket}, {@code sse}, {@code mix} (half and half) or {@code
     * websocket=70,sse=30}.
     *
     * @throws Refusal {@code bad_request} when {@code text} is none of these
     */
    public static TransportMix parse(String text) {
        if (text.equals("mix")) {
            return new TransportMix(Map.of(Transport.WEBSOCKET, 1, Transport.SSE, 1));
        }
        Map<Transport, Integer> weights = new EnumMap<>(Transport.class);
        for (String part : text.split(",", -1)) {
            String[] pair = part.split("=", -1);
            boolean wrong = pair.length > 2 || (pair.length == 2 && !isWeight(pair[1]));
            if (wrong || weights.put(transport(pair[0], text), weight(pair)) != null) {
                throw Refusal.badValue("--transport", text, EXPECTED);
            }
        }
        if (weights.values().stream().allMatch(weight -> weight == 0)) {
            throw Refusal.badValue("--transport", text, EXPECTED);
        }
        return new TransportMix(weights);
    }

    private static int weight(String[] pair) {
        return pair.length == 1 ? 1 : Integer.parseInt(pair[1]);
    }

    private static boolean isWeight(String text) {
        return text.matches("[0-9]{1,7}") && Integer.parseInt(text) <= MAX_WEIGHT;
    }

    private static Transport transport(String word, String text) {
        for (Transport transport : Transport.values()) {
            if (transport.word().equals(word)) {
                return transport;
            }
        }
        throw Refusal.badValue("--transport", text, EXPECTED);
    }

    /** The transport of the next connection, in the long run by the weights. */
    Transport next(SplittableRandom random) {
        int sum = weights.values().stream().mapToInt(Integer::intValue).sum();
        int at = random.nextInt(sum);
        return at < weights.getOrDefault(Transport.WEBSOCKET, 0)
                ? Transport.WEBSOCKET
                : Transport.SSE;
    }

    @Override
    public String toString() {
        if (weights.size() == 1) {
            return weights.keySet().iterator().next().word();
        }
        return new EnumMap<>(weights)
                .entrySet().stream()
                        .map(entry -> entry.getKey().word() + "=" + entry.getValue())
                        .collect(Collectors.joining(","));
    }
}
