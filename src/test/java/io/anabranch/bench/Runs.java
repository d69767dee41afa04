package io.anabranch.bench;

import io.anabranch.testing.TestHub;
import java.net.URI;
import java.util.OptionalLong;

/** Small runs for tests. */
final class Runs {
    static final int PAYLOAD = 160;

    private Runs() {}

    static Settings settings(
            int connections,
            String transports,
            int channels,
            boolean pattern,
            int conflateMs,
            int publishers,
            PublishMode publish) {
        return new Settings(
                connections,
                TransportMix.parse(transports),
                channels,
                "bench:",
                pattern,
                conflateMs,
                100,
                PAYLOAD,
                publishers,
                publish,
                200,
                800,
                1_000,
                1,
                7,
                OptionalLong.of(ProcessHandle.current().pid()));
    }

    static Settings settings(int connections, String transports) {
        return settings(connections, transports, 1, false, 0, 1, PublishMode.REST);
    }

    static Report run(TestHub hub, Settings settings) {
        Target target = new Target(hub.uri(""), () -> hub.token("bench"));
        return new Bench(target, settings, line -> {}).run();
    }

    static Report run(URI hub, Settings settings) {
        return new Bench(new Target(hub, () -> "none"), settings, line -> {}).run();
    }
}
