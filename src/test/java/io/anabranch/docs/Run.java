package io.anabranch.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;

/** A program of the documentation, running. */
final class Run implements AutoCloseable {
    private static final Duration LONGEST = Duration.ofSeconds(120);

    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private final Process process;
    private final Path out;
    private final Path err;

    Run(Path directory, Map<String, String> environment, List<String> command) throws IOException {
        out = Files.createTempFile(directory, "run", ".out");
        err = Files.createTempFile(directory, "run", ".err");
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectOutput(out.toFile())
                        .redirectError(err.toFile());
        builder.environment().putAll(environment);
        process = builder.start();
    }

    /** Waits until it has ended well; the result is what it said. */
    String ended() throws Exception {
        Awaitility.await(told("has not ended")).atMost(LONGEST).until(() -> !process.isAlive());
        assertThat(process.exitValue()).as(told("failed")).isZero();
        return Files.readString(out);
    }

    /**
     * Waits until it has said something that matches, and done nothing wrong before that.
     *
     * @param meanwhile is done again and again
     */
    void says(Pattern pattern, Runnable meanwhile) {
        Awaitility.await("it says " + pattern)
                .atMost(LONGEST)
                .pollInterval(Duration.ofMillis(100))
                .until(
                        () -> {
                            meanwhile.run();
                            boolean ended = !process.isAlive();
                            if (pattern.matcher(Files.readString(out)).find()) {
                                return true;
                            }
                            assertThat(ended).as(told("ended before it said " + pattern)).isFalse();
                            return false;
                        });
        assertThat(err).as("what it complains of").isEmptyFile();
    }

    /** Waits until it answers requests for {@code uri}. */
    void answers(URI uri) throws IOException {
        HttpRequest request = HttpRequest.newBuilder(uri).build();
        Awaitility.await(told("does not answer"))
                .atMost(LONGEST)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> CLIENT.send(request, BodyHandlers.discarding()).statusCode() == 200);
    }

    private String told(String what) throws IOException {
        return what + ": " + Files.readString(out) + Files.readString(err);
    }

    @Override
    public void close() throws InterruptedException {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
    }
}
