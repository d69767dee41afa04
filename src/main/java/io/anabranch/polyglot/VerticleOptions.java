package io.anabranch.polyglot;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * One verticle beside the hub.
 *
 * @param name a file such as {@code demo/clock.js}, or the name of a Java class
 * @param otherwise what runs in its place where its language is not installed; null for nothing
 * @param required whether the hub does not start without it
 * @param config what the verticle finds as its configuration
 * @param limits for scripts; Java classes have none
 */
public record VerticleOptions(
        String name,
        @Nullable String otherwise,
        boolean required,
        JsonObject config,
        Limits limits) {

    /** A verticle that the hub can do without, with nothing configured. */
    public static VerticleOptions of(String name) {
        return new VerticleOptions(name, null, false, new JsonObject(), Limits.STANDARD);
    }

    /** Whether a verticle of that name is a file, rather than a class. */
    public static boolean isScript(String name) {
        return ScriptLanguage.of(name).isPresent();
    }

    /**
     * When a script has run away.
     *
     * @param turnMs how long one turn may take, in ms: the file's own run, or one call of a handler
     * @param statements how many statements a turn may execute; 0 for any number. Not for Groovy
     */
    public record Limits(long turnMs, long statements) {
        public static final Limits STANDARD = new Limits(5_000, 0);
    }
}
