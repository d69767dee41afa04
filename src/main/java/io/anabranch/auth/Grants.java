package io.anabranch.auth;

import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Refusal;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Permissions as a token or the configuration writes them: patterns in which {@code {sub}} still
 * stands for the user (protocol, section 7).
 */
public record Grants(
        List<String> subscribe,
        List<String> publish,
        List<String> presence,
        List<String> call,
        boolean admin) {

    /** The token's claim that holds them. */
    public static final String CLAIM = "anabranch";

    public static final Grants NONE = new Grants(List.of(), List.of(), List.of(), List.of(), false);

    /**
     * @throws Refusal {@code bad_request} for what is no pattern of channels or services
     */
    public Grants {
        subscribe = checkedPatterns("subscribe", subscribe);
        publish = checkedPatterns("publish", publish);
        presence = checkedPatterns("presence", presence);
        call = checkedPatterns("call", call);
    }

    /**
     * Reads the claim's value. What it leaves out is not granted; what it has beside that is
     * ignored.
     *
     * @throws Refusal {@code bad_request} when it is malformed
     */
    public static Grants fromJson(Object value) {
        if (!(value instanceof JsonObject claim)) {
            throw Refusal.badValue(CLAIM, value, "an object such as {\"subscribe\":[\"chat:*\"]}");
        }
        return new Grants(
                texts(claim, "subscribe"),
                texts(claim, "publish"),
                texts(claim, "presence"),
                texts(claim, "call"),
                flag(claim, "admin"));
    }

    /** The claim's value, without what is not granted. */
    public JsonObject toJson() {
        JsonObject claim = new JsonObject();
        putUnlessEmpty(claim, "subscribe", subscribe);
        putUnlessEmpty(claim, "publish", publish);
        putUnlessEmpty(claim, "presence", presence);
        putUnlessEmpty(claim, "call", call);
        if (admin) {
            claim.put("admin", true);
        }
        return claim;
    }

    /**
     * What they come to for one user. A pattern that asks for a user, where there is none or one
     * whose name is no part of a channel name, grants nothing.
     */
    public Permissions of(@Nullable String sub) {
        return new Permissions(
                patterns(subscribe, sub),
                patterns(publish, sub),
                patterns(presence, sub),
                services(call, sub),
                admin);
    }

    private static List<ChannelPattern> patterns(List<String> templates, @Nullable String sub) {
        return templates.stream()
                .map(template -> ChannelPattern.ofTemplate(template, sub))
                .flatMap(Optional::stream)
                .toList();
    }

    /** Services are named like channels, so that one grammar and one rule for {sub} serve both. */
    private static List<String> services(List<String> templates, @Nullable String sub) {
        return patterns(templates, sub).stream().map(ChannelPattern::text).toList();
    }

    private static List<String> checkedPatterns(String name, List<String> templates) {
        for (String template : templates) {
            try {
                Optional<ChannelPattern> unused = ChannelPattern.ofTemplate(template, null);
            } catch (Refusal e) {
                throw Refusal.badValue(
                        name, template, "a pattern such as chat:*, chat:lobby or inbox:{sub}");
            }
        }
        return List.copyOf(templates);
    }

    private static List<String> texts(JsonObject claim, String name) {
        Object value = claim.getValue(name);
        if (value == null) {
            return List.of();
        }
        if (!(value instanceof JsonArray array)) {
            throw Refusal.badValue(CLAIM + "." + name, value, "an array of patterns");
        }
        List<String> texts = new ArrayList<>();
        for (Object item : array) {
            if (!(item instanceof String text)) {
                throw Refusal.badValue(CLAIM + "." + name, item, "a pattern as a string");
            }
            texts.add(text);
        }
        return texts;
    }

    private static boolean flag(JsonObject claim, String name) {
        Object value = claim.getValue(name);
        if (value == null || value instanceof Boolean) {
            return Boolean.TRUE.equals(value);
        }
        throw Refusal.badValue(CLAIM + "." + name, value, "true or false");
    }

    private static void putUnlessEmpty(JsonObject claim, String name, List<String> templates) {
        if (!templates.isEmpty()) {
            claim.put(name, new JsonArray(templates));
        }
    }
}
