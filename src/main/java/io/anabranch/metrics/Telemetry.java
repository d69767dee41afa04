package io.anabranch.metrics;

/**
 * By what one hub is watched.
 *
 * @param refusals counts what is refused
 * @param connections counts the connections of subscribers
 */
public record Telemetry(Metrics metrics, Refusals refusals, Connections connections) {
    public static Telemetry create() {
        Metrics metrics = new Metrics();
        return new Telemetry(metrics, new Refusals(metrics), new Connections(metrics));
    }
}
