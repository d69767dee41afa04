package comparison;

import static comparison.Peer.ANABRANCH;
import static comparison.Peer.BARE;
import static comparison.Peer.BATCHING;
import static comparison.Peer.NATS;
import static comparison.Peer.NCHAN;
import static comparison.Peer.SOCKET_IO;

import java.io.IOException;
import java.util.List;

/**
 * One question, asked of several servers.
 *
 * @param unit of the value; a smaller value is better unless {@code more}
 * @param bars what Anabranch's value may be beside another
 */
record Row(
        String name,
        String title,
        String unit,
        boolean more,
        List<Peer> peers,
        Measure measure,
        List<Bar> bars) {
    /** Asks one server, which has just started. */
    interface Measure {
        double of(Server server, Results results) throws IOException, InterruptedException;
    }

    /**
     * @param beside a server's title, or another value of the same row
     */
    record Bar(String beside, double bar, double stretch) {
        Bar(Peer beside, double bar, double stretch) {
            this(beside.toString(), bar, stretch);
        }
    }

    /** Beside what a hub catches up: the same hub's live delivery. */
    static final String LIVE = "Anabranch, live";

    private static final String CPU = "server CPU, µs per delivery";

    static final List<Row> ALL =
            List.of(
                    new Row(
                            "fanout-ws",
                            "1,000 WebSockets, 50 messages/s",
                            CPU,
                            false,
                            List.of(BARE, NCHAN, NATS, SOCKET_IO, ANABRANCH, BATCHING),
                            Measures.cpu(50),
                            List.of(new Bar(BARE, 1.0, 0.8), new Bar(NCHAN, 0.8, 0.6))),
                    new Row(
                            "fanout-sse",
                            "1,000 event streams, 50 messages/s",
                            CPU,
                            false,
                            List.of(BARE, NCHAN, ANABRANCH, BATCHING),
                            Measures.cpu(50, "--sse"),
                            List.of(new Bar(BARE, 1.0, 0.8), new Bar(NCHAN, 0.65, 0.6))),
                    new Row(
                            "turns",
                            "1,000 WebSockets, 2,000 messages/s or as many as go, 10 at a time",
                            CPU,
                            false,
                            List.of(BARE, NCHAN, NATS, SOCKET_IO, ANABRANCH),
                            Measures.cpuOfTenATurn(),
                            List.of(new Bar(BARE, 0.35, 0.2))),
                    new Row(
                            "greatest",
                            "greatest fan-out to 1,000 WebSockets with p99 ≤ 250 ms",
                            "deliveries/s",
                            true,
                            List.of(BARE, NCHAN, NATS, SOCKET_IO, ANABRANCH),
                            new GreatestRate(),
                            List.of(new Bar(NATS, 0.7, 1.2))),
                    new Row(
                            "channels",
                            "100 channels of 10 WebSockets each, 1,000 messages/s",
                            CPU,
                            false,
                            List.of(BARE, NCHAN, NATS, SOCKET_IO, ANABRANCH),
                            Measures.cpu(1000, "--channels", "100"),
                            List.of(new Bar(BARE, 1.5, 1.0))),
                    new Row(
                            "latency",
                            "p99 latency to 1,000 WebSockets, at half of the bare loop's greatest rate",
                            "ms",
                            false,
                            List.of(BARE, ANABRANCH),
                            Measures.latencyAtHalfOfTheBareLoop(),
                            List.of(new Bar(BARE, 1.5, 1.0))),
                    new Row(
                            "idle-ws",
                            "10,000 idle WebSockets",
                            "resident KiB per connection",
                            false,
                            List.of(BARE, NCHAN, NATS, SOCKET_IO, ANABRANCH),
                            Measures.idle(),
                            List.of(new Bar(NCHAN, 1.2, 0.8))),
                    new Row(
                            "idle-sse",
                            "10,000 idle event streams",
                            "resident KiB per connection",
                            false,
                            List.of(BARE, NCHAN, ANABRANCH),
                            Measures.idle("--sse"),
                            List.of(new Bar(NCHAN, 0.9, 0.8))),
                    new Row(
                            "catchup-ws",
                            "1,000 WebSockets that resume 1,000 messages each",
                            "messages/s",
                            true,
                            List.of(ANABRANCH),
                            Measures.catchUp("catchup-ws"),
                            List.of(new Bar(LIVE, 1.0, 3.0))),
                    new Row(
                            "catchup-sse",
                            "1,000 event streams that resume 1,000 messages each",
                            "messages/s",
                            true,
                            List.of(ANABRANCH),
                            Measures.catchUp("catchup-sse", "--sse"),
                            List.of(new Bar(LIVE, 1.0, 3.0))),
                    new Row(
                            "posts",
                            "publishing by HTTP, 64 keep-alive connections, log in memory",
                            "messages/s",
                            true,
                            List.of(NCHAN, ANABRANCH),
                            Measures.posts(),
                            List.of(new Bar(NCHAN, 0.8, 1.2))));
}
