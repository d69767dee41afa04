package io.anabranch;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Properties;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What the jars are made of, and say that they are. */
class PackageIT {
    private static final String COORDINATES = "META-INF/maven/.+/pom.properties";

    /** Part of netty-common, and of its release. */
    private static final String CARRIED_BY_NETTY = "pkg:maven/org.jctools/";

    private JarFile jar;
    private List<String> told;

    @BeforeEach
    void open() throws Exception {
        jar = new JarFile(System.getProperty("anabranch.jar"));
        told =
                new JsonObject(Buffer.buffer(bytes("META-INF/sbom/application.cdx.json")))
                        .getJsonArray("components").stream()
                                .map(component -> ((JsonObject) component).getString("purl"))
                                .toList();
    }

    @AfterEach
    void close() throws Exception {
        jar.close();
    }

    @Test
    void everyLibraryInItIsToldOfWithItsVersion() {
        List<String> contained =
                jar.stream()
                        .map(JarEntry::getName)
                        .filter(name -> name.matches(COORDINATES))
                        .map(this::packageUrl)
                        .filter(url -> !url.startsWith("pkg:maven/io.anabranch/"))
                        .filter(url -> !url.startsWith(CARRIED_BY_NETTY))
                        .toList();
        assertThat(contained).hasSizeGreaterThan(20);
        assertThat(contained)
                .allSatisfy(url -> assertThat(told).anyMatch(it -> it.startsWith(url + "?")));
    }

    @Test
    void whatOnlyTheTestsUseIsNotToldOf() {
        assertThat(told).noneMatch(url -> url.contains("junit") || url.contains("playwright"));
    }

    @Test
    void theLibraryIsTheHubAloneAndLeavesLoggingToItsApplication() throws Exception {
        try (JarFile library = new JarFile(System.getProperty("anabranch.unshaded"))) {
            assertThat(
                            library.stream()
                                    .map(JarEntry::getName)
                                    .filter(name -> name.endsWith(".class")))
                    .isNotEmpty()
                    .allMatch(name -> name.startsWith("io/anabranch/"));
            assertThat(library.getEntry("logback.xml")).isNull();
        }
        assertThat(jar.getEntry("logback.xml")).isNotNull();
    }

    private String packageUrl(String name) {
        Properties properties = new Properties();
        try (InputStream in = jar.getInputStream(jar.getEntry(name))) {
            properties.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "pkg:maven/"
                + properties.getProperty("groupId")
                + "/"
                + properties.getProperty("artifactId")
                + "@"
                + properties.getProperty("version");
    }

    private byte[] bytes(String name) throws IOException {
        try (InputStream in = jar.getInputStream(jar.getEntry(name))) {
            return in.readAllBytes();
        }
    }
}
