package io.anabranch.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.testing.TestHub;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class BenchTest {
    @RegisterExtension final TestHub hub = new TestHub();

    @ParameterizedTest
    @EnumSource(PublishMode.class)
    void countsWhatEachKindOfPublisherSendsAndEachTransportBrings(PublishMode publish) {
        Settings settings = Runs.settings(9, "websocket,sse", 3, false, 0, 2, publish);

        Report report = Runs.run(hub, settings);

        assertThat(report.incidents()).isEmpty();
        assertThat(report.passed()).isTrue();
        assertThat(report.messages().published()).isGreaterThan(50);
        assertThat(report.messages().accepted()).isEqualTo(report.messages().published());
        assertThat(report.messages().deliveries()).isEqualTo(report.messages().accepted() * 3);
        assertThat(report.open().values().stream().mapToInt(Integer::intValue).sum()).isEqualTo(9);
        assertThat(report.latencies()).containsOnlyKeys(report.open().keySet());
        assertThat(report.latency().count()).isPositive();
        assertThat(report.answers().count()).isPositive();
        assertThat(report.hubCost()).isPresent();
        assertThat(report.timeline()).isNotEmpty();
    }

    @Test
    void readsAllChannelsByAPattern() {
        Report report =
                Runs.run(hub, Runs.settings(4, "mix", 5, true, 0, 1, PublishMode.WEBSOCKET));

        assertThat(report.incidents()).isEmpty();
        assertThat(report.messages().deliveries()).isEqualTo(report.messages().accepted() * 4);
    }

    @Test
    void expectsOnlyTheNewestWhenConflated() {
        Report report =
                Runs.run(hub, Runs.settings(4, "mix", 2, false, 150, 1, PublishMode.WEBSOCKET));

        assertThat(report.incidents()).isEmpty();
        assertThat(report.messages().deliveries())
                .isPositive()
                .isLessThan(report.messages().accepted() * 2);
    }

    @Test
    void holdsConnectionsWithoutAMessage() {
        Settings quiet = Runs.settings(5, "sse");
        Settings idle =
                new Settings(
                        5,
                        quiet.transports(),
                        1,
                        "bench:",
                        false,
                        0,
                        0,
                        200,
                        1,
                        PublishMode.REST,
                        0,
                        300,
                        1_000,
                        1,
                        7,
                        quiet.pid());

        Report report = Runs.run(hub, idle);

        assertThat(report.passed()).isTrue();
        assertThat(report.messages().published()).isZero();
        assertThat(report.open()).containsEntry(Transport.SSE, 5);
    }

    @Test
    void tellsWhyPublishesAreRefused() {
        String readOnly = hub.token("reader", List.of("*"), List.of(), Duration.ofMinutes(5));
        Target target = new Target(hub.uri(""), () -> readOnly);

        for (PublishMode publish : PublishMode.values()) {
            Settings settings = Runs.settings(2, "websocket", 1, false, 0, 1, publish);
            Report report = new Bench(target, settings, line -> {}).run();

            assertThat(report.messages().accepted()).as(publish.word()).isZero();
            assertThat(report.incidents()).containsOnlyKeys(Incident.REFUSED);
            assertThat(report.incidents().get(Incident.REFUSED).first())
                    .startsWith("403")
                    .contains("bench:0");
            assertThat(report.passed()).isFalse();
        }
    }

    @Test
    void tellsWhyNothingConnects() throws Exception {
        String none = hub.token("nobody", List.of(), List.of(), Duration.ofMinutes(5));
        Target target = new Target(hub.uri(""), () -> none);
        for (String transport : List.of("sse", "websocket")) {
            Bench bench = new Bench(target, Runs.settings(2, transport), line -> {});
            assertThatThrownBy(bench::run)
                    .isInstanceOf(BenchException.class)
                    .hasMessageContaining("403");
        }
        URI nowhere = hub.uri("");
        hub.stop();
        assertThatThrownBy(() -> Runs.run(nowhere, Runs.settings(2, "sse")))
                .isInstanceOf(BenchException.class)
                .hasMessageContaining("refused");
    }

    @Test
    void endsEarlyWithWhatWasMeasured() throws Exception {
        Settings brief = Runs.settings(3, "websocket");
        Settings endless =
                new Settings(
                        3,
                        brief.transports(),
                        1,
                        "bench:",
                        false,
                        0,
                        100,
                        200,
                        1,
                        PublishMode.REST,
                        0,
                        3_600_000,
                        1_000,
                        1,
                        7,
                        brief.pid());
        CountDownLatch measuring = new CountDownLatch(1);
        Target target = new Target(hub.uri(""), () -> hub.token("bench"));
        Bench bench =
                new Bench(
                        target,
                        endless,
                        line -> {
                            if (line.contains("delivered/s")) {
                                measuring.countDown();
                            }
                        });
        CompletableFuture<Report> running = CompletableFuture.supplyAsync(bench::run);

        assertThat(measuring.await(20, TimeUnit.SECONDS)).isTrue();
        bench.stop();
        Report report = running.get(20, TimeUnit.SECONDS);

        assertThat(report.passed()).isTrue();
        assertThat(report.messages().deliveries()).isEqualTo(report.messages().accepted() * 3);
    }
}
