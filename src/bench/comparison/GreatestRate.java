package comparison;

import java.io.IOException;
import java.util.List;
import java.util.OptionalDouble;

/** Looks for the greatest rate at which 1,000 subscribers get all, 99 of 100 within 250 ms. */
final class GreatestRate implements Row.Measure {
    private static final double P99_MS = 250;
    private static final double WARM_UP_RATE = 200;
    private static final double FIRST_RATE = 50;
    private static final double LAST_RATE = 20_000;
    private static final int HALVINGS = 3;
    private static final List<String> TIMES = List.of("--warmup", "1", "--seconds", "3");

    @Override
    public double of(Server server, Results results) throws IOException, InterruptedException {
        OptionalDouble before = results.median("greatest", server.peer().toString());
        Measures.warmUp(server, WARM_UP_RATE);
        Bounds bounds =
                before.isPresent()
                        ? around(server, before.getAsDouble() / 1000)
                        : upwards(server, FIRST_RATE, 2);
        for (int i = 0; i < HALVINGS; i++) {
            double middle = Math.sqrt(bounds.good.rate * bounds.badRate);
            Probe probe = probe(server, middle);
            bounds =
                    probe.good
                            ? new Bounds(probe, bounds.badRate)
                            : new Bounds(bounds.good, middle);
        }
        if (bounds.good.deliveries == 0) {
            throw new IOException("too much already at " + bounds.badRate + " messages/s");
        }
        return bounds.good.deliveries;
    }

    private record Probe(double rate, boolean good, double deliveries) {}

    private record Bounds(Probe good, double badRate) {}

    /** From what an earlier round found. */
    private Bounds around(Server server, double rate) throws IOException, InterruptedException {
        double low = rate / 1.2;
        while (low > 1) {
            Probe probe = probe(server, low);
            if (probe.good) {
                return upwards(server, low * 1.3, 1.3, probe);
            }
            low /= 1.5;
        }
        return new Bounds(new Probe(low, true, 0), rate);
    }

    private Bounds upwards(Server server, double from, double factor)
            throws IOException, InterruptedException {
        return upwards(server, from, factor, new Probe(from / factor, true, 0));
    }

    private Bounds upwards(Server server, double from, double factor, Probe good)
            throws IOException, InterruptedException {
        Probe best = good;
        for (double rate = from; rate <= LAST_RATE; rate *= factor) {
            Probe probe = probe(server, rate);
            if (!probe.good) {
                return new Bounds(best, rate);
            }
            best = probe;
        }
        return new Bounds(best, LAST_RATE);
    }

    /** A rate counts as too high when it fails twice: once may be the machine's doing. */
    private Probe probe(Server server, double rate) throws IOException, InterruptedException {
        Probe first = once(server, rate);
        return first.good ? first : once(server, rate);
    }

    private Probe once(Server server, double rate) throws IOException, InterruptedException {
        try {
            Load load = Measures.fanout(server, TIMES, "--rate", Double.toString(rate));
            boolean good =
                    load.lossless()
                            && load.get("p99_ms") <= P99_MS
                            && load.get("behind_ms") <= P99_MS;
            System.out.printf(
                    "  %s at %.0f/s: p99 %.0f ms, %.0f deliveries/s, generator's CPU %.0f %%%n",
                    server.peer(),
                    rate,
                    load.get("p99_ms"),
                    load.get("deliveries_per_second"),
                    load.get("load_cpu_share") * 100);
            return new Probe(rate, good, load.get("deliveries_per_second"));
        } catch (Load.Failed tooMuch) {
            System.out.printf("  %s at %.0f/s: %s%n", server.peer(), rate, tooMuch.getMessage());
            return new Probe(rate, false, 0);
        }
    }
}
