package io.anabranch.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.anabranch.testing.ChildProcess;
import io.anabranch.testing.HubProcess;
import io.anabranch.testing.NumberReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** More connections come than a process may have open files. */
class FileDescriptorsTest {
    private static final int MOST = 256;
    private static final int CROWD = 400;
    private static final int NUMBERS = 50;
    private static final long MOST_LOG_BYTES = 100_000;

    @TempDir private Path directory;
    private HubProcess hub;

    @BeforeEach
    void start() throws Exception {
        String limited = "ulimit -n " + MOST + "; \"$0\" \"$@\"; exit";
        hub = new HubProcess(directory, List.of("bash", "-c", limited));
        hub.start();
    }

    @AfterEach
    void stop() throws Exception {
        hub.close();
    }

    @Test
    void whenThereAreNoneLeftClientsAreServedOnAndOthersLetInLater() throws Exception {
        List<Socket> crowd = new ArrayList<>();
        try (ChildProcess socket = reader("ws");
                ChildProcess stream = reader("http");
                Numbers numbers =
                        Numbers.publish(hub.uri("/api/v1/channels/chat:n/messages"), hub.token())) {
            await().until(() -> numbers.published() >= NUMBERS);
            for (int i = 0; i < CROWD; i++) {
                crowd.add(new Socket(InetAddress.getLoopbackAddress(), hub.port()));
            }
            await().until(() -> hub.openFiles() == MOST);
            int before = numbers.published();
            await().atMost(30, TimeUnit.SECONDS)
                    .until(() -> numbers.published() >= before + NUMBERS);
            assertThat(hub.openFiles()).isEqualTo(MOST);

            leave(crowd);
            await().atMost(30, TimeUnit.SECONDS).until(this::letsIn);
            int all = numbers.stop();
            for (ChildProcess reader : List.of(socket, stream)) {
                for (int number = 1; number <= all; number++) {
                    assertThat(reader.hear(20)).isEqualTo(Integer.toString(number));
                }
            }
            assertThat(hub.output().toFile().length()).isLessThan(MOST_LOG_BYTES);
        } finally {
            leave(crowd);
        }
    }

    private static void leave(List<Socket> crowd) throws IOException {
        for (Socket socket : crowd) {
            socket.close();
        }
    }

    private boolean letsIn() throws InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(hub.uri("/health/live"))
                        .timeout(Duration.ofSeconds(5))
                        .build();
        try {
            return HttpClient.newHttpClient().send(request, BodyHandlers.discarding()).statusCode()
                    == 200;
        } catch (IOException e) {
            return false;
        }
    }

    private ChildProcess reader(String scheme) throws Exception {
        String path = scheme.equals("ws") ? "/ws?" : "/sse?envelope=true&";
        String uri = scheme + "://127.0.0.1:" + hub.port() + path + "channel=chat:n";
        return NumberReader.start(List.of(), URI.create(uri), hub.token());
    }
}
