package io.anabranch.bench;

import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * One run: connect, wait, publish to warm up, measure, let everything arrive, count what is
 * missing.
 */
public final class Bench {
    private static final double NANOS_PER_SECOND = 1e9;
    private static final int RUN_NAME_DIGITS = 36;
    private static final long TICK_MS = 1_000;
    private static final long PROGRESS_MS = 200;

    /** How long the hub has for its garbage of connecting, before its memory is read. */
    private static final long SETTLE_MS = 2_000;

    /** When nothing arrives for so long, nothing more will. */
    private static final long QUIET_MS = 3_000;

    private final Target target;
    private final Settings settings;
    private final Progress progress;
    private final CountDownLatch stopped = new CountDownLatch(1);
    private final Instant startedAt = Instant.now();
    private final Clock clock = new Clock();
    private final Incidents incidents = new Incidents();
    private final Ledger ledger;
    private final Answers answers;
    private final SplittableRandom random;
    private final Optional<HubProcess> hub;
    private double connectSeconds;
    private double idleBytesPerConnection;

    /**
     * @throws io.anabranch.message.Refusal {@code bad_request} when the hub's process is not there
     */
    public Bench(Target target, Settings settings, Progress progress) {
        this.target = target;
        this.settings = settings;
        this.progress = progress;
        this.ledger = new Ledger(settings.publishers(), settings.channels());
        this.answers = new Answers(ledger, clock, incidents);
        this.random = new SplittableRandom(settings.seed());
        this.hub =
                settings.pid().isPresent()
                        ? Optional.of(new HubProcess(settings.pid().getAsLong()))
                        : Optional.empty();
    }

    /** Ends the run early; its report is of what was measured until then. From any thread. */
    public void stop() {
        stopped.countDown();
    }

    /**
     * Runs, once. Blocks.
     *
     * @throws BenchException when no connection can be made
     */
    public Report run() {
        // Not from the seed: runs that share a hub must know their messages apart.
        String name = Long.toString(System.nanoTime() & Long.MAX_VALUE, RUN_NAME_DIGITS);
        Payload payload = new Payload(name, settings.payloadBytes(), random.split());
        Requests requests = new Requests(target, settings, random.split());
        try (Sockets sockets = new Sockets(target, settings.threads())) {
            Readers readers =
                    new Readers(
                            settings, sockets, requests, clock, payload, incidents, random.split());
            connect(readers);
            try (Publishers publishers = new Publishers(target, settings, payload, answers)) {
                publishers.open();
                Meter meter = measure(readers, publishers);
                return report(readers, meter);
            }
        } catch (SSLException e) {
            throw new BenchException("TLS: " + e.getMessage());
        }
    }

    private void connect(Readers readers) {
        long residentBefore = hub.map(HubProcess::residentBytes).orElse(0L);
        long start = clock.now();
        long told = 0;
        for (int begun = 0; readers.settled() < settings.connections() && !isStopped(); ) {
            double seconds = (clock.now() - start) / NANOS_PER_SECOND;
            while (begun <= seconds * settings.connectRate() && readers.hasRoom()) {
                readers.connectNext();
                begun++;
            }
            if (seconds * 1_000 > told + PROGRESS_MS) {
                told = (long) (seconds * 1_000);
                progress.at("connecting: " + readers.settled() + " of " + settings.connections());
            }
            pause(1);
        }
        connectSeconds = (clock.now() - start) / NANOS_PER_SECOND;
        int open = readers.open().values().stream().mapToInt(Integer::intValue).sum();
        if (open == 0) {
            Optional<Report.Occurred> why =
                    Optional.ofNullable(incidents.occurred().get(Incident.NOT_CONNECTED));
            throw new BenchException(
                    "no connection: " + why.map(Report.Occurred::first).orElse("ended early"));
        }
        if (hub.isPresent()) {
            progress.at("waiting for the hub's memory to settle");
            pause(SETTLE_MS);
            long added = hub.get().residentBytes() - residentBefore;
            idleBytesPerConnection = (double) added / open;
        }
    }

    private Meter measure(Readers readers, Publishers publishers) {
        Meter meter = new Meter(clock, readers, answers, hub);
        try (Pacer pacer = new Pacer(settings, clock, publishers.all(), random.split())) {
            pacer.start();
            if (settings.warmupMs() > 0) {
                progress.at("warming up for " + settings.warmupMs() / 1_000.0 + " s");
                pause(settings.warmupMs());
            }
            meter.begin();
            long begin = clock.now();
            for (long at = 0; at < settings.durationMs() && !isStopped(); ) {
                at = Math.min(at + TICK_MS, settings.durationMs());
                pause(at - TimeUnit.NANOSECONDS.toMillis(clock.now() - begin));
                progress.at(line(meter.tick()));
            }
            meter.end();
        }
        progress.at("letting everything arrive");
        if (!publishers.finish()) {
            incidents.add(
                    Incident.FAILED,
                    () -> "publishes not answered in " + Publishers.ANSWER_MS + " ms");
        }
        drain(readers);
        Object unused = meter.collect();
        readers.countLost(ledger);
        return meter;
    }

    private String line(Report.Second second) {
        return String.format(
                Locale.ROOT,
                "%.0f of %.0f s  %,.0f published/s  %,.0f delivered/s  p50 %.2f  p99 %.2f"
                        + "  max %.2f ms",
                second.second(),
                settings.durationMs() / 1_000.0,
                second.publishRate(),
                second.deliveryRate(),
                second.p50Micros() / 1_000.0,
                second.p99Micros() / 1_000.0,
                second.maxMicros() / 1_000.0);
    }

    /** Waits until all has arrived, or nothing has for a while. */
    private void drain(Readers readers) {
        long expected = ledger.deliveries(settings);
        long quietNanos = TimeUnit.MILLISECONDS.toNanos(QUIET_MS + settings.conflateMs());
        long seen = readers.deliveries();
        long since = clock.now();
        while (seen < expected && clock.now() - since < quietNanos) {
            sleep(10);
            long now = readers.deliveries();
            if (now != seen) {
                seen = now;
                since = clock.now();
            }
        }
    }

    private Report report(Readers readers, Meter meter) {
        return new Report(
                startedAt,
                target.base(),
                settings,
                Report.Machine.here(),
                connectSeconds,
                readers.open(),
                meter.messages(ledger),
                meter.latencies(),
                meter.latency(),
                meter.answerTimes(),
                meter.delays(),
                meter.hubCost(idleBytesPerConnection),
                meter.generatorCores(),
                meter.timeline(),
                incidents.occurred());
    }

    private boolean isStopped() {
        return stopped.getCount() == 0;
    }

    /** Returns early when the run is to end. */
    private void pause(long ms) {
        try {
            boolean unused = stopped.await(ms, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            stop();
        }
    }

    private static void sleep(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
