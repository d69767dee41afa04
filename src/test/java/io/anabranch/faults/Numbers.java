package io.anabranch.faults;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Publishes 1, 2, 3 … on one channel, one after the other, each acknowledged before the next. */
final class Numbers implements AutoCloseable {
    private static final long EVERY_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private final HttpClient client = HttpClient.newHttpClient();
    private final URI uri;
    private final String token;
    private final Thread thread = new Thread(this::run, "numbers");
    private volatile boolean stopping;
    private volatile int published;
    private volatile @Nullable Throwable failure;

    private Numbers(URI uri, String token) {
        this.uri = uri;
        this.token = token;
    }

    /**
     * @param uri of the channel's messages
     */
    static Numbers publish(URI uri, String token) {
        Numbers numbers = new Numbers(uri, token);
        numbers.thread.start();
        return numbers;
    }

    private void run() {
        try {
            while (!stopping) {
                post(published + 1);
                published++;
                LockSupport.parkNanos(EVERY_NANOS);
            }
        } catch (IOException | InterruptedException | AssertionError e) {
            failure = e;
        }
    }

    private void post(int number) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(uri)
                        .header("Authorization", "Bearer " + token)
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(Integer.toString(number)))
                        .build();
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString());
        if (response.statusCode() != 201) {
            throw new AssertionError(response.statusCode() + ": " + response.body());
        }
    }

    /** How many the hub has acknowledged. */
    int published() {
        Throwable thrown = failure;
        if (thrown != null) {
            throw new AssertionError("publishing failed", thrown);
        }
        return published;
    }

    /** Publishes no more, and says how many there are. */
    int stop() throws InterruptedException {
        stopping = true;
        thread.join();
        return published();
    }

    @Override
    public void close() throws InterruptedException {
        stopping = true;
        thread.join();
    }
}
