package io.anabranch.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonObject;
import java.util.List;

/** What clients that changed transport have seen, as {@code journey.js} sums it up. */
public record Report(JsonObject json) {
    private static final List<String> NEVER =
            List.of(
                    "lost",
                    "repeated",
                    "reordered",
                    "gaps",
                    "publishedLost",
                    "publishedTwice",
                    "publishedReordered");

    /** How often another transport than before served. */
    public long switches() {
        return json.getLong("up") + json.getLong("down");
    }

    /** Nothing was lost, repeated or out of order, to any reader or from any publisher. */
    public Report isWhole() {
        for (String name : NEVER) {
            assertThat(json.getLong(name)).as("%s in %s", name, json).isZero();
        }
        assertThat(json.getLong("received")).as("received").isPositive();
        assertThat(json.getLong("published")).as("published").isPositive();
        return this;
    }
}
