package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.HubProcess;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Watches the system calls of a hub: the bytes of an acknowledgement leave after the sync that came
 * after the write of its message.
 */
class SyncOrderTest {
    private static final int PUBLISHERS = 4;
    private static final int EACH = 15;
    private static final Pattern CALL = Pattern.compile("^(\\d+) +(\\w+)\\((.*)");
    private static final Pattern RESUMED = Pattern.compile("^(\\d+) +<\\.\\.\\. (\\w+) resumed>.*");

    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final Map<String, String> ids = new ConcurrentHashMap<>();

    @TempDir private Path directory;

    @Test
    void noAcknowledgementLeavesBeforeItsSyncReturned() throws Exception {
        Path trace = directory.resolve("trace");
        String calls = "pwrite64,fsync,fdatasync,write,writev,sendto,sendmsg";
        List<String> strace =
                List.of(
                        "strace",
                        "-f",
                        "-y",
                        "-q",
                        "-s",
                        "8192",
                        "-e",
                        "signal=none",
                        "-e",
                        "trace=" + calls,
                        "-o",
                        trace.toString());
        // What io_uring writes is no system call of its own.
        try (HubProcess hub =
                new HubProcess(directory, strace).arguments("--set", "http.transport=epoll")) {
            hub.start();
            publish(hub);
        }
        check(Files.readAllLines(trace, StandardCharsets.ISO_8859_1));
    }

    private void publish(HubProcess hub) throws Exception {
        String token = hub.token();
        ExecutorService threads = Executors.newFixedThreadPool(PUBLISHERS);
        List<Future<?>> done = new ArrayList<>();
        for (int i = 0; i < PUBLISHERS; i++) {
            int publisher = i;
            done.add(
                    threads.submit(
                            () -> {
                                for (int n = 0; n < EACH; n++) {
                                    post(hub, token, "mark-" + publisher + "-" + n + "-");
                                }
                                return null;
                            }));
        }
        for (Future<?> one : done) {
            one.get(60, TimeUnit.SECONDS);
        }
        threads.shutdown();
    }

    private void post(HubProcess hub, String token, String mark) throws Exception {
        HttpRequest request =
                HttpRequest.newBuilder(hub.uri("/api/v1/channels/chat:a/messages"))
                        .header("Authorization", "Bearer " + token)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString("\"" + mark + "\""))
                        .build();
        var response = client.send(request, BodyHandlers.ofString());
        assertThat(response.statusCode()).isEqualTo(201);
        ids.put(mark, new JsonObject(response.body()).getString("id"));
    }

    private void check(List<String> lines) {
        Map<String, Integer> written = new HashMap<>();
        List<Integer> synced = new ArrayList<>();
        Map<String, Integer> acknowledged = new HashMap<>();
        Set<String> syncing = new HashSet<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            Matcher call = CALL.matcher(line);
            Matcher resumed = RESUMED.matcher(line);
            if (resumed.matches() && resumed.group(2).endsWith("sync")) {
                if (syncing.remove(resumed.group(1))) {
                    synced.add(i);
                }
            } else if (call.matches() && line.contains("log.db-wal")) {
                if (call.group(2).equals("pwrite64")) {
                    note(ids.keySet(), line, i, written);
                } else if (call.group(2).endsWith("sync") && line.contains("unfinished")) {
                    syncing.add(call.group(1));
                } else if (call.group(2).endsWith("sync")) {
                    synced.add(i);
                }
            } else if (call.matches() && line.contains("HTTP/1.1 201")) {
                note(ids.values(), line, i, acknowledged);
            }
        }
        assertThat(written).hasSize(PUBLISHERS * EACH);
        assertThat(acknowledged).hasSize(PUBLISHERS * EACH);
        ids.forEach(
                (mark, id) -> {
                    int write = written.get(mark);
                    int answer = acknowledged.get(id);
                    assertThat(synced)
                            .as("%s was written in line %s, answered in %s", id, write, answer)
                            .anyMatch(sync -> sync > write && sync < answer);
                });
    }

    /** The first line that each of {@code marks} stands in. */
    private static void note(
            Iterable<String> marks, String line, int number, Map<String, Integer> lines) {
        for (String mark : marks) {
            if (line.contains(mark + "\\\"") || line.contains(mark + "\"")) {
                lines.putIfAbsent(mark, number);
            }
        }
    }
}
