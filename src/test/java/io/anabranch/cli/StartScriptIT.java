package io.anabranch.cli;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;
import static org.awaitility.Awaitility.await;

import io.anabranch.testing.Ports;
import io.anabranch.testing.Rest;
import io.anabranch.testing.SmallDisk;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** {@code bin/anabranch} as it is installed: the script, its settings and the jar. */
class StartScriptIT {
    private static final Path JAR = Path.of(System.getProperty("anabranch.jar"));
    private static final Path RUNNING_JDK = Path.of(System.getProperty("java.home"));

    private static final String KEY =
            "{id: test, algorithm: HS256, secret: a-secret-for-tests-of-32-bytes-at-least}";

    @TempDir Path directory;
    private final List<Hub> hubs = new ArrayList<>();

    /** The one that runs this, and the newest of this machine's. */
    static List<Path> jdks() throws IOException {
        Path installed = Path.of("/usr/lib/jvm");
        try (Stream<Path> homes =
                Files.isDirectory(installed) ? Files.list(installed) : Stream.empty()) {
            Stream<Path> newest =
                    homes
                            .filter(home -> Files.isExecutable(home.resolve("bin/javac")))
                            .max(Comparator.comparing(StartScriptIT::version))
                            .stream();
            return Stream.concat(Stream.of(RUNNING_JDK), newest)
                    .map(StartScriptIT::real)
                    .distinct()
                    .toList();
        }
    }

    @AfterEach
    void stop() throws Exception {
        for (Hub hub : hubs) {
            hub.stop();
        }
    }

    @ParameterizedTest
    @MethodSource("jdks")
    void theFirstHubsLeaveAnArchiveThatLaterOnesUse(Path jdk) throws Exception {
        install(directory);
        Hub first = start(jdk, directory);
        Hub second = start(jdk, directory);
        assertServesAndSaysNothingOfArchives(first);
        assertServesAndSaysNothingOfArchives(second);
        await().atMost(120, SECONDS).until(() -> hasOneArchive(directory));

        Path classes = directory.resolve("classes.log");
        Hub later = start(jdk, directory, "-Xlog:class+load:file=" + classes);
        later.serves();
        later.stop();
        assertThat(Files.readString(classes).lines())
                .filteredOn(line -> line.contains(" io.anabranch.http.HubServer "))
                .singleElement(STRING)
                .contains("source: shared objects file");
        assertThat(hasOneArchive(directory)).isTrue();

        damage(beside(directory).get(0));
        assertServesAndSaysNothingOfArchives(start(jdk, directory));
    }

    @Test
    void otherSettingsHaveAnArchiveOfTheirOwnInPlaceOfTheOldOne() throws Exception {
        install(directory);
        Files.writeString(directory.resolve("anabranch-1.aot"), "of an older jar");
        Files.writeString(directory.resolve("anabranch-1.jsa"), "of an older jar");
        assertThat(archive(directory)).isZero();
        List<Path> old = beside(directory);
        Files.writeString(directory.resolve("conf/jvm.options"), "-XX:+UseSerialGC -Xmx200m");
        assertThat(archive(directory)).isZero();
        assertThat(beside(directory)).hasSameSizeAs(old).isNotEqualTo(old);
    }

    @Test
    void whereItCannotBeWrittenTheHubStartsWithoutOne() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(512)) {
            install(disk.directory());
            disk.seal();
            assertThat(archive(disk.directory())).isEqualTo(1);
            assertThat(directory.resolve("archive.log")).content().contains("Read-only");
            assertServesAndSaysNothingOfArchives(start(RUNNING_JDK, disk.directory()));
        }
    }

    @Test
    void whatItIsToldGoesToTheCommandLine() throws Exception {
        install(directory);
        Process process = script(RUNNING_JDK, directory, "token", "--no-such-option").start();
        assertThat(process.waitFor()).isEqualTo(2);
        try (InputStream error = process.getErrorStream()) {
            assertThat(new String(error.readAllBytes())).contains("--no-such-option");
        }
    }

    private static void install(Path home) throws IOException {
        for (String file : List.of("bin/anabranch", "conf/jvm.options")) {
            Files.createDirectories(home.resolve(file).getParent());
            Files.copy(Path.of(file), home.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
        }
        Files.createSymbolicLink(home.resolve("anabranch.jar"), JAR);
    }

    private Hub start(Path jdk, Path home, String... jvmOptions) throws IOException {
        int port = Ports.free();
        Path log = directory.resolve("hub-" + port + ".log");
        Path configuration = directory.resolve("hub.yaml");
        Files.writeString(configuration, "log: {type: memory}\nauth: {keys: [%s]}".formatted(KEY));
        ProcessBuilder script =
                script(jdk, home, "serve", "--config", configuration.toString())
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile());
        script.command().addAll(List.of("--set=management.port=0", "--set=http.port=" + port));
        if (jvmOptions.length > 0) {
            script.environment().put("JDK_JAVA_OPTIONS", String.join(" ", jvmOptions));
        }
        Hub hub = new Hub(script.start(), port, log);
        hubs.add(hub);
        return hub;
    }

    /** Gives the exit code; what it said is in {@code archive.log}. */
    private int archive(Path home) throws Exception {
        return script(RUNNING_JDK, home, "archive")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("archive.log").toFile())
                .start()
                .waitFor();
    }

    private static ProcessBuilder script(Path jdk, Path home, String... arguments) {
        List<String> command = new ArrayList<>(List.of(home.resolve("bin/anabranch").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder script = new ProcessBuilder(command);
        script.environment().put("JAVA_HOME", jdk.toString());
        return script;
    }

    private static void assertServesAndSaysNothingOfArchives(Hub hub) throws Exception {
        hub.serves();
        hub.stop();
        assertThat(hub.output().lines()).isNotEmpty().allMatch(line -> line.contains(" INFO "));
    }

    private static void damage(Path archive) throws IOException {
        Files.delete(archive);
        Files.write(archive, new byte[100_000]);
    }

    /** The archives, and what may be left of making them. */
    private static List<Path> beside(Path home) throws IOException {
        try (Stream<Path> files = Files.list(home)) {
            return files.filter(file -> file.getFileName().toString().startsWith("anabranch-"))
                    .sorted()
                    .toList();
        }
    }

    /** And nothing that is still being made. */
    private static boolean hasOneArchive(Path home) throws IOException {
        List<Path> beside = beside(home);
        return beside.size() == 1 && Files.isRegularFile(beside.get(0));
    }

    private static Path real(Path home) {
        try {
            return home.toRealPath();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int version(Path jdk) {
        Properties release = new Properties();
        try (InputStream in = Files.newInputStream(jdk.resolve("release"))) {
            release.load(in);
        } catch (IOException e) {
            return 0;
        }
        String version = release.getProperty("JAVA_VERSION", "0").replace("\"", "");
        return Integer.parseInt(version.split("\\.", 2)[0]);
    }

    /** A hub that the script runs, and what it has said. */
    private record Hub(Process process, int port, Path log) {
        void serves() {
            Rest rest = new Rest(path -> URI.create("http://127.0.0.1:" + port + path), "");
            await().atMost(60, SECONDS)
                    .ignoreExceptionsInstanceOf(ConnectException.class)
                    .until(() -> rest.get("/health/live").statusCode() == 200);
        }

        String output() throws IOException {
            return Files.readString(log);
        }

        void stop() throws InterruptedException {
            process.destroy();
            process.waitFor();
        }
    }
}
