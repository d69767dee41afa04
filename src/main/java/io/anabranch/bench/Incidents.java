package io.anabranch.bench;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** Counts what goes wrong, and keeps the first of each in words. For all threads. */
final class Incidents {
    private static final class Tally {
        private final AtomicLong count = new AtomicLong();
        private volatile String first = "";
    }

    private final Map<Incident, Tally> tallies = new EnumMap<>(Incident.class);

    Incidents() {
        for (Incident incident : Incident.values()) {
            tallies.put(incident, new Tally());
        }
    }

    void add(Incident incident, Supplier<String> words) {
        add(incident, 1, words);
    }

    /**
     * @param words asked for the first alone
     */
    void add(Incident incident, long count, Supplier<String> words) {
        Tally tally = tally(incident);
        if (count > 0 && tally.count.getAndAdd(count) == 0) {
            tally.first = words.get();
        }
    }

    long count(Incident incident) {
        return tally(incident).count.get();
    }

    /** Those that there are. */
    Map<Incident, Report.Occurred> occurred() {
        Map<Incident, Report.Occurred> occurred = new EnumMap<>(Incident.class);
        tallies.forEach(
                (incident, tally) -> {
                    if (tally.count.get() > 0) {
                        occurred.put(incident, new Report.Occurred(tally.count.get(), tally.first));
                    }
                });
        return occurred;
    }

    private Tally tally(Incident incident) {
        return Optional.ofNullable(tallies.get(incident)).orElseThrow();
    }
}
