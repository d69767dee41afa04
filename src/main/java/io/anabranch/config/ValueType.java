package io.anabranch.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.anabranch.auth.KeyOptions;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Refusal;
import io.netty.util.NetUtil;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * What a value must be.
 *
 * @param expected in words, for messages and documentation
 * @param converted the value as the hub uses it; empty when it is not of this type
 * @param hidden whether messages must not repeat the value
 */
record ValueType(String expected, Function<Object, Optional<Object>> converted, boolean hidden) {
    private static ValueType of(String expected, Function<Object, Optional<Object>> converted) {
        return new ValueType(expected, converted, false);
    }

    static ValueType text(String expected) {
        return of(expected, value -> textOf(value).map(text -> text));
    }

    static ValueType secret() {
        return new ValueType(
                "text in quotes, at least " + KeyOptions.MIN_SECRET_BYTES + " bytes",
                value ->
                        textOf(value)
                                .filter(
                                        s ->
                                                s.getBytes(UTF_8).length
                                                        >= KeyOptions.MIN_SECRET_BYTES)
                                .map(text -> text),
                true);
    }

    static ValueType flag() {
        return of(
                "true or false",
                value -> value instanceof Boolean ? Optional.of(value) : Optional.empty());
    }

    static ValueType oneOf(String... words) {
        List<String> known = List.of(words);
        return of(
                String.join(" or ", words),
                value -> textOf(value).filter(known::contains).map(text -> text));
    }

    /** Anything, by names that are not the hub's. */
    static ValueType section() {
        return of(
                "a section with any names",
                value -> value instanceof JsonObject ? Optional.of(value) : Optional.empty());
    }

    /** A whole number, as an Integer. */
    static ValueType integer(int min, int max) {
        return of(
                "a whole number from " + min + " to " + max,
                value -> within(wholeNumber(value), min, max).map(number -> (int) (long) number));
    }

    /** A span of time with its unit, as a Long of ms. */
    static ValueType duration(String min, String max) {
        long least = Units.milliseconds(min).orElseThrow();
        long most = Units.milliseconds(max).orElseThrow();
        return of(
                "a duration from " + min + " to " + max + " such as 500ms, 15s, 10m, 1h, 7d",
                value -> within(amount(value, Units::milliseconds), least, most).map(ms -> ms));
    }

    /** Bytes on a disk, with a unit or plain, as a Long. */
    static ValueType space(String min, String max) {
        long least = Units.bytes(min).orElseThrow();
        long most = Units.bytes(max).orElseThrow();
        return of(
                "a size from " + min + " to " + max + " such as 500MiB, 10GiB",
                value -> within(amount(value, Units::bytes), least, most).map(bytes -> bytes));
    }

    /** Bytes, with a unit or plain, as an Integer. */
    static ValueType size(String min, String max) {
        long least = Units.bytes(min).orElseThrow();
        long most = Units.bytes(max).orElseThrow();
        return of(
                "a size from " + min + " to " + max + " such as 64KiB, 1MiB, 1000",
                value ->
                        within(amount(value, Units::bytes), least, most)
                                .map(bytes -> (int) (long) bytes));
    }

    /** The origin of a web page (RFC 6454 §6.1), in lower case. */
    static ValueType origin() {
        return of(
                "an origin such as https://example.com or http://localhost:3000",
                value -> textOf(value).flatMap(ValueType::originOf).map(text -> text));
    }

    /** An address of IPv4 or IPv6, or a block of them (RFC 4632). */
    static ValueType addressBlock() {
        return of(
                "an address or a block such as 10.0.0.0/8 or fd00::/8",
                value -> textOf(value).filter(ValueType::isAddressBlock).map(text -> text));
    }

    private static boolean isAddressBlock(String text) {
        int slash = text.indexOf('/');
        byte[] address =
                NetUtil.createByteArrayFromIpAddressString(
                        slash < 0 ? text : text.substring(0, slash));
        if (address == null || slash < 0) {
            return address != null;
        }
        String bits = text.substring(slash + 1);
        return bits.matches("[0-9]{1,3}") && Integer.parseInt(bits) <= address.length * 8;
    }

    /** Keys that come over the network unprotected would be anybody's. */
    static ValueType keysAddress() {
        return of(
                "an https address without user and fragment, or an http one on loopback",
                value -> textOf(value).filter(ValueType::isKeysAddress).map(text -> text));
    }

    /** A server of NATS; it may carry a user and a password, so it is not repeated. */
    static ValueType brokerAddress() {
        return new ValueType(
                "an address such as nats://127.0.0.1:4222, or tls://…",
                value -> textOf(value).filter(ValueType::isBrokerAddress).map(text -> text),
                true);
    }

    private static boolean isBrokerAddress(String text) {
        try {
            URI uri = new URI(text);
            return uri.getHost() != null && List.of("nats", "tls").contains(uri.getScheme());
        } catch (URISyntaxException e) {
            return false;
        }
    }

    /** What is a stream's name to NATS, and one token of a subject. */
    static ValueType streamName() {
        return of(
                "1 to 64 characters of A-Z a-z 0-9 _ -",
                value ->
                        textOf(value)
                                .filter(name -> name.matches("[A-Za-z0-9_-]{1,64}"))
                                .map(text -> text));
    }

    /** RFC 6265 §4.1.1. */
    static ValueType cookieName() {
        return of(
                "a cookie's name such as __Host-token",
                value ->
                        textOf(value)
                                .filter(name -> name.matches("[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}"))
                                .map(text -> text));
    }

    static ValueType channelPattern() {
        return of(
                "a pattern such as chat:*, chat:lobby or inbox:{sub}",
                value -> textOf(value).filter(ValueType::isTemplate).map(text -> text));
    }

    static ValueType listOf(ValueType item) {
        return new ValueType(
                "a list, each " + item.expected(), value -> listOf(item, value), item.hidden());
    }

    private static Optional<Object> listOf(ValueType item, Object value) {
        if (!(value instanceof JsonArray array)) {
            return Optional.empty();
        }
        List<Object> items = new ArrayList<>();
        for (Object element : array) {
            Optional<Object> converted =
                    element == null ? Optional.empty() : item.converted().apply(element);
            if (converted.isEmpty()) {
                return Optional.empty();
            }
            items.add(converted.get());
        }
        return Optional.of(List.copyOf(items));
    }

    private static Optional<String> textOf(Object value) {
        return value instanceof String text
                        && !text.isBlank()
                        && text.chars().noneMatch(Character::isISOControl)
                ? Optional.of(text)
                : Optional.empty();
    }

    private static OptionalLong wholeNumber(Object value) {
        return value instanceof Integer || value instanceof Long
                ? OptionalLong.of(((Number) value).longValue())
                : OptionalLong.empty();
    }

    private static Optional<Long> within(OptionalLong number, long min, long max) {
        return number.isPresent() && number.getAsLong() >= min && number.getAsLong() <= max
                ? Optional.of(number.getAsLong())
                : Optional.empty();
    }

    private static OptionalLong amount(Object value, Function<String, OptionalLong> units) {
        return value instanceof String || value instanceof Integer || value instanceof Long
                ? units.apply(value.toString().strip())
                : OptionalLong.empty();
    }

    private static boolean isTemplate(String text) {
        try {
            Optional<ChannelPattern> unused = ChannelPattern.ofTemplate(text, null);
            return true;
        } catch (Refusal e) {
            return false;
        }
    }

    private static boolean isKeysAddress(String text) {
        try {
            URI uri = new URI(text);
            boolean bare =
                    uri.getHost() != null
                            && uri.getRawUserInfo() == null
                            && uri.getRawFragment() == null;
            return bare
                    && ("https".equals(uri.getScheme())
                            || "http".equals(uri.getScheme()) && Loopback.isHost(uri.getHost()));
        } catch (URISyntaxException e) {
            return false;
        }
    }

    private static Optional<String> originOf(String text) {
        try {
            URI uri = new URI(text.toLowerCase(Locale.ROOT));
            String scheme = uri.getScheme();
            boolean web = "http".equals(scheme) || "https".equals(scheme);
            boolean bare = uri.getUserInfo() == null && uri.getHost() != null;
            String origin = scheme + "://" + uri.getRawAuthority();
            return web && bare && origin.equals(uri.toString())
                    ? Optional.of(origin)
                    : Optional.empty();
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }
}
