package io.anabranch.bench;

import io.netty.channel.EventLoop;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.HdrHistogram.Histogram;

/** All connections that read. For the thread of the run. */
final class Readers {
    /** Not more at once, so that a hub's backlog holds them. */
    private static final int MAX_CONNECTING = 256;

    private record Member(Reader reader, EventLoop loop) {}

    private final Settings settings;
    private final Sockets sockets;
    private final Requests requests;
    private final Clock clock;
    private final Payload payload;
    private final Incidents incidents;
    private final SplittableRandom random;
    private final Map<EventLoop, LoopState> states = new LinkedHashMap<>();
    private final List<Member> members = new ArrayList<>();
    private final AtomicInteger settled = new AtomicInteger();

    Readers(
            Settings settings,
            Sockets sockets,
            Requests requests,
            Clock clock,
            Payload payload,
            Incidents incidents,
            SplittableRandom random) {
        this.settings = settings;
        this.sockets = sockets;
        this.requests = requests;
        this.clock = clock;
        this.payload = payload;
        this.incidents = incidents;
        this.random = random;
    }

    /** Whether one more may be connected now. */
    boolean hasRoom() {
        return members.size() < settings.connections()
                && members.size() - settled.get() < MAX_CONNECTING;
    }

    /** Begins to connect one more. */
    void connectNext() {
        int number = members.size();
        Transport transport = settings.transports().next(random);
        EventLoop loop = sockets.nextLoop();
        Reader reader =
                new Reader(
                        transport,
                        requests.open(number, transport),
                        states.computeIfAbsent(loop, unused -> newState()),
                        new Continuity(number, settings, incidents),
                        incidents);
        members.add(new Member(reader, loop));
        reader.ready()
                .onComplete(unused -> settled.incrementAndGet())
                .onFailure(
                        failure ->
                                incidents.add(
                                        Incident.NOT_CONNECTED,
                                        () -> String.valueOf(failure.getMessage())));
        sockets.connect(loop, reader);
    }

    private LoopState newState() {
        return new LoopState(new MessageScan(payload, settings.prefix()), clock);
    }

    /** How many have connected or failed to. */
    int settled() {
        return settled.get();
    }

    /** How many are open now. */
    Map<Transport, Integer> open() {
        Map<Transport, Integer> open = new EnumMap<>(Transport.class);
        for (Member member : members) {
            if (member.reader().isOpen()) {
                open.merge(member.reader().transport(), 1, Integer::sum);
            }
        }
        return open;
    }

    /** First arrivals on all connections. */
    long deliveries() {
        return states.values().stream().mapToLong(LoopState::deliveries).sum();
    }

    /** The latencies over one transport since the last call. */
    Histogram latencies(Transport transport) {
        Histogram sum = Latencies.histogram();
        states.values()
                .forEach(state -> sum.add(state.latencies(transport).getIntervalHistogram()));
        return sum;
    }

    /** Counts what has not come to those that are open. Blocks until it is counted. */
    void countLost(Ledger ledger) {
        for (Member member : members) {
            if (member.reader().isOpen()) {
                member.loop()
                        .submit(() -> member.reader().continuity().close(ledger))
                        .syncUninterruptibly();
            }
        }
    }
}
