package io.anabranch.message;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A channel name whose last character may be {@code *}, matching any rest, the empty one too
 * (protocol, section 1): {@code ticker:*}, {@code *}, {@code chat:lobby}.
 */
public record ChannelPattern(String text) {
    private static final String SUB = "{sub}";

    /**
     * @throws Refusal {@code bad_request} when {@code text} is no pattern
     */
    public ChannelPattern {
        boolean valid =
                text.endsWith("*")
                        ? text.length() <= Channel.MAX_LENGTH
                                && Channel.hasOnlyChannelCharacters(prefixOf(text))
                        : Channel.isValid(text);
        if (!valid) {
            throw Refusal.badValue("channel", text, Channel.GRAMMAR + ", the last may be *");
        }
    }

    /** The pattern that matches one channel alone. */
    public static ChannelPattern of(Channel channel) {
        return new ChannelPattern(channel.name());
    }

    /**
     * A pattern of a token or of the configuration, with {@code {sub}} replaced. Empty when it asks
     * for a user and there is none, or when the user's name is no part of a channel name: a user
     * called {@code *} must not become a wildcard.
     *
     * @throws Refusal {@code bad_request} when the template is no pattern
     */
    public static Optional<ChannelPattern> ofTemplate(String template, @Nullable String sub) {
        if (!template.contains(SUB)) {
            return Optional.of(new ChannelPattern(template));
        }
        new ChannelPattern(template.replace(SUB, "x"));
        if (sub == null || sub.isEmpty() || !Channel.hasOnlyChannelCharacters(sub)) {
            return Optional.empty();
        }
        String text = template.replace(SUB, sub);
        return text.length() > Channel.MAX_LENGTH
                ? Optional.empty()
                : Optional.of(new ChannelPattern(text));
    }

    /** Whether it names one channel, without {@code *}. */
    public boolean isExact() {
        return !text.endsWith("*");
    }

    /** What a matching name begins with; the whole name where the pattern is exact. */
    public String prefix() {
        return isExact() ? text : prefixOf(text);
    }

    public boolean matches(Channel channel) {
        return isExact()
                ? channel.name().equals(text)
                : channel.name().regionMatches(0, text, 0, text.length() - 1);
    }

    /** Whether every channel that {@code other} matches is matched by this one too. */
    public boolean covers(ChannelPattern other) {
        return isExact() ? equals(other) : other.prefix().startsWith(prefix());
    }

    /** Whether a channel may match both. */
    public boolean overlaps(ChannelPattern other) {
        return covers(other) || other.covers(this);
    }

    @Override
    public String toString() {
        return text;
    }

    private static String prefixOf(String text) {
        return text.substring(0, text.length() - 1);
    }
}
