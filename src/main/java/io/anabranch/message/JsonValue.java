package io.anabranch.message;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One valid JSON value (RFC 8259), kept as the UTF-8 bytes that its publisher sent: numbers keep
 * their digits and objects their order. Immutable.
 */
public final class JsonValue {
    /** Reads UTF-8 alone: by itself it would take UTF-16 for JSON too. */
    private static final JsonFactory JSON =
            new JsonFactoryBuilder().disable(JsonFactory.Feature.CHARSET_DETECTION).build();

    /** What is kept along with a value is at most its length by this. */
    private static final int KEPT_PER_AROUND = 8;

    /** The value, from {@link #start} to {@link #end}, and whatever it was sent in. */
    private final byte[] bytes;

    private final int start;
    private final int end;

    private JsonValue(byte[] bytes, int start, int end) {
        this.bytes = bytes;
        this.start = start;
        this.end = end;
    }

    /**
     * Takes over {@code utf8}, which nobody may change afterwards.
     *
     * @throws Refusal {@code bad_request} with the place when it is not one JSON value in UTF-8
     */
    public static JsonValue parse(byte[] utf8) {
        return parse(ByteBuffer.wrap(utf8));
    }

    /** The same of what remains of a buffer with an array. */
    public static JsonValue parse(ByteBuffer utf8) {
        try (JsonParser parser = parser(utf8)) {
            if (parser.nextToken() == null) {
                throw Refusal.badRequest("empty (expected: a JSON value)");
            }
            JsonValue value = current(parser, utf8);
            requireEnd("value", parser);
            return value;
        } catch (JsonProcessingException e) {
            throw notJson(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static JsonValue parse(String json) {
        return parse(json.getBytes(StandardCharsets.UTF_8));
    }

    /** A text as a JSON string. Lone surrogates become U+FFFD. */
    public static JsonValue ofText(String text) {
        byte[] inner = JsonStringEncoder.getInstance().quoteAsUTF8(whole(text));
        byte[] quoted = new byte[inner.length + 2];
        quoted[0] = '"';
        System.arraycopy(inner, 0, quoted, 1, inner.length);
        quoted[quoted.length - 1] = '"';
        return new JsonValue(quoted, 0, quoted.length);
    }

    /**
     * The members of an object, in order, each as it was written. Of a name that stands twice the
     * last counts.
     *
     * @param utf8 what remains of a buffer with an array, which is taken over: nobody may change it
     *     afterwards
     * @throws Refusal {@code bad_request} when {@code utf8} is no JSON object; {@code name} says
     *     what it should have been
     */
    public static Map<String, JsonValue> members(String name, ByteBuffer utf8) {
        try (JsonParser parser = parser(utf8)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw Refusal.badRequest(name + ": not a JSON object (expected: {…})");
            }
            Map<String, JsonValue> members = new LinkedHashMap<>();
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                String key = parser.currentName();
                parser.nextToken();
                members.put(key, current(parser, utf8));
            }
            requireEnd(name, parser);
            return members;
        } catch (JsonProcessingException e) {
            throw notJson(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * The elements of an array, in order, each as it was written.
     *
     * @param utf8 taken over, as by {@link #members}
     * @throws Refusal {@code bad_request} when {@code utf8} is no JSON array; {@code name} says
     *     what it should have been
     */
    public static List<JsonValue> elements(String name, ByteBuffer utf8) {
        try (JsonParser parser = parser(utf8)) {
            if (parser.nextToken() != JsonToken.START_ARRAY) {
                throw Refusal.badRequest(name + ": not a JSON array (expected: […])");
            }
            List<JsonValue> elements = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                elements.add(current(parser, utf8));
            }
            requireEnd(name, parser);
            return elements;
        } catch (JsonProcessingException e) {
            throw notJson(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static JsonParser parser(ByteBuffer utf8) throws IOException {
        requireUtf8(utf8);
        return JSON.createParser(
                utf8.array(), utf8.arrayOffset() + utf8.position(), utf8.remaining());
    }

    /** The value that the parser stands at, whole. */
    private static JsonValue current(JsonParser parser, ByteBuffer utf8) throws IOException {
        byte[] bytes = utf8.array();
        int first = utf8.arrayOffset() + utf8.position();
        int start = first + start(parser);
        parser.skipChildren();
        parser.finishToken();
        int end = first + end(parser);
        // Of a number that stands alone the parser takes the space behind it too.
        while (bytes[end - 1] == ' ' || bytes[end - 1] == '\t' || bytes[end - 1] == '\n') {
            end--;
        }
        return new JsonValue(bytes, start, end);
    }

    private static void requireEnd(String name, JsonParser parser) throws IOException {
        if (parser.nextToken() != null) {
            throw Refusal.badRequest(
                    name + ": another value begins at byte " + start(parser) + " (expected: one)");
        }
    }

    /**
     * The same value, to be kept: in an array of its own, unless that which it was sent in has
     * little besides.
     */
    public JsonValue compact() {
        int around = bytes.length - length();
        return around <= length() / KEPT_PER_AROUND ? this : new JsonValue(utf8(), 0, length());
    }

    /** How long it is, in bytes. */
    public int length() {
        return end - start;
    }

    /** The bytes, not to be changed: a copy only where they stand among others. */
    public byte[] utf8() {
        return length() == bytes.length ? bytes : Arrays.copyOfRange(bytes, start, end);
    }

    /** The bytes as the rest of a buffer, not to be changed. */
    public ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes, start, length());
    }

    public boolean isText() {
        return bytes[start] == '"';
    }

    public boolean isNull() {
        return bytes[start] == 'n';
    }

    public boolean isObject() {
        return bytes[start] == '{';
    }

    /**
     * The text of a JSON string, unescaped. Lone surrogates become U+FFFD.
     *
     * @throws IllegalStateException when the value is no string: ask {@link #isText()} first
     */
    public String text() {
        if (!isText()) {
            throw new IllegalStateException("not a JSON string");
        }
        if (isPlain()) {
            return new String(bytes, start + 1, length() - 2, StandardCharsets.UTF_8);
        }
        try (JsonParser parser = JSON.createParser(bytes, start, length())) {
            parser.nextToken();
            return whole(parser.getText());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The JSON text. */
    @Override
    public String toString() {
        return new String(bytes, start, length(), StandardCharsets.UTF_8);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof JsonValue that && buffer().equals(that.buffer());
    }

    @Override
    public int hashCode() {
        return buffer().hashCode();
    }

    private static String whole(String text) {
        return text.codePoints()
                .map(c -> Character.getType(c) == Character.SURROGATE ? 0xFFFD : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private boolean isPlain() {
        for (int i = start; i < end; i++) {
            if (bytes[i] == '\\') {
                return false;
            }
        }
        return true;
    }

    private static int start(JsonParser parser) {
        return (int) parser.currentTokenLocation().getByteOffset();
    }

    private static int end(JsonParser parser) {
        return (int) parser.currentLocation().getByteOffset();
    }

    private static void requireUtf8(ByteBuffer utf8) {
        for (int i = utf8.position(); i < utf8.limit(); i++) {
            if (utf8.get(i) < 0) {
                requireStrictUtf8(utf8);
                return;
            }
        }
    }

    private static void requireStrictUtf8(ByteBuffer utf8) {
        try {
            CharBuffer unused = StandardCharsets.UTF_8.newDecoder().decode(utf8.duplicate());
        } catch (CharacterCodingException e) {
            throw Refusal.badRequest("not UTF-8 (expected: JSON in UTF-8)");
        }
    }

    private static Refusal notJson(JsonProcessingException e) {
        return Refusal.badRequest(
                "not JSON at byte "
                        + Math.max(0, e.getLocation() == null ? 0 : e.getLocation().getByteOffset())
                        + ": "
                        + Refusal.shown(e.getOriginalMessage()));
    }
}
