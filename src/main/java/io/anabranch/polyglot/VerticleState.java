package io.anabranch.polyglot;

import org.jspecify.annotations.Nullable;

/**
 * How a verticle is, for operators.
 *
 * @param name as it was configured
 * @param language {@code Java}, {@code JavaScript}, {@code Groovy} or {@code Python}
 * @param sinceMs since when it is so, in ms since 1970 UTC
 * @param starts how often it was started: once, and at each change of its file in development
 * @param failures how many calls of its handlers have failed since the last start
 * @param failure the last of these, or why it does not run; null for none
 */
public record VerticleState(
        String name,
        String language,
        Status status,
        long sinceMs,
        int starts,
        long failures,
        @Nullable String failure) {

    public enum Status {
        STARTING,
        RUNNING,
        /** It did not start, or was stopped as it had run away. */
        FAILED
    }
}
