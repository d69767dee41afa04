package io.anabranch.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.anabranch.testing.ChildProcess;
import io.anabranch.testing.HubProcess;
import io.anabranch.testing.NumberReader;
import io.anabranch.testing.Pause;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The hub, or a client, stands still for 20 s as by SIGSTOP: connections stay, and each reader has
 * every number once and in order.
 */
@Tag("long")
class StandstillTest {
    private static final long STANDSTILL_NANOS = TimeUnit.SECONDS.toNanos(20);

    /** Before and after the standstill. */
    private static final int NUMBERS = 50;

    /** A hundred a second, at the most. */
    private static final int NUMBERS_OF_TWO_HEARTBEATS = 400;

    @TempDir private Path directory;
    private HubProcess hub;

    @BeforeEach
    void create() throws Exception {
        hub = new HubProcess(directory, List.of());
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    @Test
    void ofTheHubEndsNoConnectionAndLosesNothing() throws Exception {
        // So short that ten of them pass: the hub must not take its own absence for its clients'.
        hub.heartbeat("2s").start();
        try (ChildProcess socket = reader("ws");
                ChildProcess stream = reader("http");
                Numbers numbers = numbers()) {
            await().until(() -> numbers.published() >= NUMBERS);
            standStill(hub.pause());
            int before = numbers.published();
            await().atMost(60, TimeUnit.SECONDS)
                    .until(() -> numbers.published() >= before + NUMBERS_OF_TWO_HEARTBEATS);
            int all = numbers.stop();
            assertHasAll(socket, all);
            assertHasAll(stream, all);
        }
    }

    @Test
    void ofClientsLosesNothing() throws Exception {
        hub.heartbeat("15s").start();
        try (ChildProcess socket = reader("ws");
                ChildProcess stream = reader("http");
                Numbers numbers = numbers()) {
            await().until(() -> numbers.published() >= NUMBERS);
            try (Pause pause = socket.pause()) {
                standStill(stream.pause());
            }
            int before = numbers.published();
            await().until(() -> numbers.published() >= before + NUMBERS);
            int all = numbers.stop();
            assertHasAll(socket, all);
            assertHasAll(stream, all);
        }
    }

    /** The standstill is what is under test, and not a wait for something. */
    private static void standStill(Pause pause) throws Exception {
        try (pause) {
            long end = System.nanoTime() + STANDSTILL_NANOS;
            while (System.nanoTime() < end) {
                LockSupport.parkNanos(end - System.nanoTime());
            }
        }
    }

    private ChildProcess reader(String scheme) throws Exception {
        String path = scheme.equals("ws") ? "/ws?" : "/sse?envelope=true&";
        String uri = scheme + "://127.0.0.1:" + hub.port() + path + "channel=ticker:n";
        return NumberReader.start(List.of(), URI.create(uri), hub.token());
    }

    private Numbers numbers() {
        return Numbers.publish(hub.uri("/api/v1/channels/ticker:n/messages"), hub.token());
    }

    private static void assertHasAll(ChildProcess reader, int all) throws Exception {
        for (int number = 1; number <= all; number++) {
            assertThat(reader.hear(20)).isEqualTo(Integer.toString(number));
        }
    }
}
