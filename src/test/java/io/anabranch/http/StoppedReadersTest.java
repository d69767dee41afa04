package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.ChildHub;
import io.anabranch.testing.RawReaders;
import io.anabranch.testing.TestHub;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * A thousand readers that stop reading while much is published cost the hub a bounded little, and
 * their neighbours nothing. With {@code -Dstopped.seconds} they stop for so long, at full rate.
 */
@Tag("long")
class StoppedReadersTest {
    private static final int READERS = Integer.getInteger("stopped.readers", 1_000);
    private static final int SECONDS = Integer.getInteger("stopped.seconds", 0);
    private static final int MESSAGE_BYTES = Integer.getInteger("stopped.messageBytes", 1_000);

    /** All of them read on: those of the long channel from the log, the others after a gap. */
    private static final int LONG_MESSAGES = 2_000_000 / MESSAGE_BYTES;

    private static final List<String> SMALL = List.of("-Xmx64m", "-XX:MaxDirectMemorySize=96m");
    private static final int SHORT_MESSAGES = 100;
    private static final int NEIGHBOURS = 8;

    /** Beside what the kernel holds, of which {@code HubLoop} allows 48 KiB and one packet. */
    private static final long MOST_DIRECT_BYTES_EACH = 76 * 1024;

    private static final int MAX_SECONDS = 120;

    private final String token = new TestHub().token("alice");
    private final HttpClient http = HttpClient.newHttpClient();

    @Test
    void costABoundedLittleAndReadOnFromTheLog() throws Exception {
        var retention = List.of("long=" + LONG_MESSAGES, "*=" + SHORT_MESSAGES);
        try (var hub = new ChildHub(SMALL, retention);
                var stopped = new RawReaders()) {
            int published = delays(hub, 0, "with no reader stopped");
            open(hub, stopped, READERS / 2, "long", 0);
            publish(hub, "long", 0, LONG_MESSAGES);
            checkMemory(hub, "half of them stopped");
            assertThat(stopped.readUntil("long", LONG_MESSAGES / 4, MAX_SECONDS)).isTrue();
            checkMemory(hub, "stopped again, with pages of their own");
            open(hub, stopped, READERS - READERS / 2, "short", published);
            published = flood(hub, published);
            checkMemory(hub, "all stopped");
            published = delays(hub, published, "with " + READERS + " stopped");

            assertThat(stopped.readUntil("long", LONG_MESSAGES, MAX_SECONDS)).isTrue();
            assertThat(stopped.readUntil("short", published, MAX_SECONDS)).isTrue();
            checkMemory(hub, "all read on");
            assertThat(stopped.faults()).isEmpty();
            assertThat(stopped.gaps("long")).isZero();
            assertThat(stopped.gaps("short")).isEqualTo(READERS - READERS / 2);
        }
    }

    private static void checkMemory(ChildHub hub, String when) throws Exception {
        ChildHub.Memory memory = hub.memory();
        System.out.println(when + ": " + memory);
        assertThat(memory.pinned()).as(when).isLessThan(READERS * MOST_DIRECT_BYTES_EACH);
    }

    private void open(ChildHub hub, RawReaders readers, int count, String channel, int last)
            throws Exception {
        for (int i = 0; i < count; i++) {
            readers.open(hub.port(), token, i % 2 == 0 ? "ws" : "sse", channel, last);
        }
    }

    /** Publishes at full rate what the stopped ones will have lost, and their neighbours get. */
    private int flood(ChildHub hub, int published) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
        int number = published;
        long most = 0;
        try (var neighbours = neighbours(hub, published)) {
            do {
                for (int i = 0; i < 100; i++) {
                    number = publishAndRead(hub, neighbours, number, SHORT_MESSAGES / 2);
                }
                most = Math.max(most, hub.resident());
            } while (System.nanoTime() < end);
        }
        System.out.printf(
                "%d messages published, at most %d KiB resident%n", number - published, most >> 10);
        return number;
    }

    /** Steady little messages, timed. */
    private int delays(ChildHub hub, int published, String when) throws Exception {
        int number = published;
        try (var neighbours = neighbours(hub, published)) {
            for (int i = 0; i < 300; i++) {
                number = publishAndRead(hub, neighbours, number, 1);
            }
            long[] micros = neighbours.delays(0.5, 0.99);
            System.out.println("delay p50, p99 in µs " + when + ": " + Arrays.toString(micros));
        }
        return number;
    }

    private RawReaders neighbours(ChildHub hub, int published) throws Exception {
        RawReaders neighbours = new RawReaders();
        open(hub, neighbours, NEIGHBOURS, "short", published);
        return neighbours;
    }

    private int publishAndRead(ChildHub hub, RawReaders neighbours, int number, int count)
            throws Exception {
        var published =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return publish(hub, "short", number, count);
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        });
        assertThat(neighbours.readUntil("short", number + count, MAX_SECONDS)).isTrue();
        assertThat(neighbours.faults()).isEmpty();
        assertThat(neighbours.gaps("short")).isZero();
        return published.get(MAX_SECONDS, TimeUnit.SECONDS);
    }

    /** Publishes {@code count} messages, numbered after {@code number}. */
    private int publish(ChildHub hub, String channel, int number, int count) throws Exception {
        String padding = RawReaders.PADDING.repeat(MESSAGE_BYTES);
        int batch = Math.max(1, 1_000_000 / MESSAGE_BYTES);
        int last = number;
        while (last < number + count) {
            StringBuilder lines = new StringBuilder();
            for (int i = 0; i < batch && last < number + count; i++) {
                String data = "#" + ++last + "~" + System.nanoTime() + "#" + padding;
                lines.append("{\"channel\":\"" + channel + "\",\"data\":\"" + data + "\"}\n");
            }
            HttpRequest request =
                    HttpRequest.newBuilder(
                                    URI.create(
                                            "http://127.0.0.1:" + hub.port() + "/api/v1/messages"))
                            .header("Authorization", "Bearer " + token)
                            .header("Content-Type", "application/x-ndjson")
                            .POST(BodyPublishers.ofString(lines.toString()))
                            .build();
            var response = http.send(request, BodyHandlers.ofString());
            assertThat(response.statusCode()).isEqualTo(200);
            assertThat(response.body()).doesNotContain("status");
        }
        return last;
    }
}
