package io.anabranch.bench;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;

/** A report for programs. Latencies are in µs, sizes in bytes, rates a second. */
public final class JsonReport {
    private JsonReport() {}

    public static JsonObject of(Report report) {
        JsonObject json =
                new JsonObject()
                        .put("passed", report.passed())
                        .put("startedAt", report.startedAt().toString())
                        .put("hub", report.hub().toString())
                        .put("settings", settings(report.settings()))
                        .put("machine", machine(report.machine()))
                        .put("connections", connections(report))
                        .put("messages", messages(report.messages()))
                        .put("latencyMicros", latency(report.latency()))
                        .put("latencyMicrosByTransport", byTransport(report))
                        .put("acceptedAfterMicros", latency(report.answers()))
                        .put("sentAfterMicros", latency(report.delays()))
                        .put("generatorCores", report.generatorCores())
                        .put("incidents", incidents(report))
                        .put("timeline", timeline(report));
        report.hubCost().ifPresent(cost -> json.put("hubProcess", hubCost(cost)));
        return json;
    }

    private static JsonObject settings(Settings settings) {
        return new JsonObject()
                .put("connections", settings.connections())
                .put("transport", settings.transports().toString())
                .put("channels", settings.channels())
                .put("channelPrefix", settings.prefix())
                .put("pattern", settings.pattern())
                .put("conflateMs", settings.conflateMs())
                .put("rate", settings.rate())
                .put("payloadBytes", settings.payloadBytes())
                .put("publishers", settings.publishers())
                .put("publish", settings.publish().word())
                .put("warmupMs", settings.warmupMs())
                .put("durationMs", settings.durationMs())
                .put("connectRate", settings.connectRate())
                .put("threads", settings.threads())
                .put("seed", settings.seed());
    }

    private static JsonObject machine(Report.Machine machine) {
        return new JsonObject()
                .put("cores", machine.cores())
                .put("system", machine.system())
                .put("java", machine.java());
    }

    private static JsonObject connections(Report report) {
        JsonObject open = new JsonObject();
        report.open().forEach((transport, count) -> open.put(transport.word(), count));
        return new JsonObject().put("open", open).put("seconds", report.connectSeconds());
    }

    private static JsonObject messages(Report.Messages messages) {
        return new JsonObject()
                .put("published", messages.published())
                .put("accepted", messages.accepted())
                .put("deliveries", messages.deliveries())
                .put("measuredSeconds", messages.measuredSeconds())
                .put("measuredDeliveries", messages.measuredDeliveries())
                .put("publishRate", messages.publishRate())
                .put("deliveryRate", messages.deliveryRate());
    }

    private static JsonObject byTransport(Report report) {
        JsonObject json = new JsonObject();
        report.latencies().forEach((transport, one) -> json.put(transport.word(), latency(one)));
        return json;
    }

    private static JsonObject latency(Latency latency) {
        JsonObject json =
                new JsonObject()
                        .put("count", latency.count())
                        .put("min", latency.min())
                        .put("mean", latency.mean());
        latency.percentiles()
                .forEach(
                        (percentile, micros) ->
                                json.put("p" + Words.percentile(percentile), micros));
        return json.put("max", latency.max());
    }

    private static JsonObject hubCost(Report.HubCost cost) {
        return new JsonObject()
                .put("cpuMicrosPerDelivery", cost.cpuMicrosPerDelivery())
                .put("cores", cost.cores())
                .put("residentBytes", cost.residentBytes())
                .put("residentBytesPerConnection", cost.residentBytesPerConnection());
    }

    private static JsonObject incidents(Report report) {
        JsonObject json = new JsonObject();
        report.incidents()
                .forEach(
                        (incident, occurred) ->
                                json.put(
                                        incident.code(),
                                        new JsonObject()
                                                .put("count", occurred.count())
                                                .put("first", occurred.first())));
        return json;
    }

    private static JsonArray timeline(Report report) {
        JsonArray seconds = new JsonArray();
        for (Report.Second second : report.timeline()) {
            seconds.add(
                    new JsonObject()
                            .put("second", second.second())
                            .put("publishRate", second.publishRate())
                            .put("deliveryRate", second.deliveryRate())
                            .put("p50Micros", second.p50Micros())
                            .put("p99Micros", second.p99Micros())
                            .put("maxMicros", second.maxMicros())
                            .put("hubCores", second.hubCores()));
        }
        return seconds;
    }
}
