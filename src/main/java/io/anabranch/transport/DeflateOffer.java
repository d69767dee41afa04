package io.anabranch.transport;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How permessage-deflate is agreed on (RFC 7692 §7.1): every message is compressed by itself, both
 * ways, with the largest window.
 */
final class DeflateOffer {
    private static final String NAME = "permessage-deflate";
    private static final String SERVER_BITS = "server_max_window_bits";
    private static final String CLIENT_BITS = "client_max_window_bits";
    private static final List<String> FLAGS =
            List.of("server_no_context_takeover", "client_no_context_takeover");

    /** The window of the JDK's compression, which cannot be made smaller. */
    private static final String LARGEST = "15";

    private static final String AGREED = NAME + "; " + String.join("; ", FLAGS);

    private DeflateOffer() {}

    /**
     * The extension as it is answered; empty where no offer can be taken, for what it asks or since
     * it is none.
     *
     * @param offered the values of the header Sec-WebSocket-Extensions
     */
    static Optional<String> accept(List<String> offered) {
        return offered.stream()
                .flatMap(value -> Stream.of(value.split(",", -1)))
                .map(DeflateOffer::parameters)
                .flatMap(Optional::stream)
                .filter(DeflateOffer::canBeHad)
                .findFirst()
                .map(
                        parameters ->
                                parameters.containsKey(SERVER_BITS)
                                        ? AGREED + "; " + SERVER_BITS + "=" + LARGEST
                                        : AGREED);
    }

    /** Those of one offer, empty text for none; empty for another extension, or twice the same. */
    private static Optional<Map<String, String>> parameters(String offer) {
        String[] parts = offer.split(";", -1);
        Map<String, String> parameters = new HashMap<>();
        boolean isValid = parts[0].strip().equalsIgnoreCase(NAME);
        for (int i = 1; i < parts.length; i++) {
            String[] pair = parts[i].split("=", 2);
            String name = pair[0].strip().toLowerCase(Locale.ROOT);
            String value = pair.length == 1 ? "" : unquoted(pair[1].strip());
            // A value that is there and empty is no value.
            isValid &= pair.length == 1 || !value.isEmpty();
            isValid &= parameters.put(name, value) == null;
        }
        return isValid ? Optional.of(parameters) : Optional.empty();
    }

    private static String unquoted(String value) {
        boolean isQuoted = value.length() > 1 && value.startsWith("\"") && value.endsWith("\"");
        return isQuoted ? value.substring(1, value.length() - 1) : value;
    }

    private static boolean canBeHad(Map<String, String> parameters) {
        return parameters.entrySet().stream().allMatch(it -> canBeHad(it.getKey(), it.getValue()));
    }

    private static boolean canBeHad(String name, String value) {
        return switch (name) {
            case SERVER_BITS -> value.equals(LARGEST);
            // How much the client can do with: the hub never asks it for less.
            case CLIENT_BITS -> value.isEmpty() || value.matches("[89]|1[0-5]");
            default -> FLAGS.contains(name) && value.isEmpty();
        };
    }
}
