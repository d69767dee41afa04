package io.anabranch.stream;

import io.anabranch.hub.Interest;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * What it costs to find who listens to a channel, with many channels and patterns subscribed to.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class InterestBenchmark {
    @Param({"100", "100000"})
    int channels;

    @Param({"0", "100", "10000"})
    int patterns;

    private final Interest interest = new Interest();
    private final PatternIndex<Integer> index = new PatternIndex<>(interest);
    private Channel[] names;
    private int next;

    @Setup
    public void prepare() {
        names = new Channel[channels];
        for (int i = 0; i < channels; i++) {
            names[i] = new Channel("chat:room-" + i);
            index.add(ChannelPattern.of(names[i]), i);
        }
        for (int i = 0; i < patterns; i++) {
            index.add(new ChannelPattern("ticker:" + i + ":*"), i);
        }
    }

    private Channel name() {
        next = (next + 1) % names.length;
        return names[next];
    }

    /** What whoever appends asks of each event loop. */
    @Benchmark
    public boolean anybody() {
        return interest.includes(name());
    }

    /** What an event loop asks of its subscribers. */
    @Benchmark
    public void listeners(Blackhole hole) {
        Consumer<Integer> consume = hole::consume;
        index.forEach(name(), consume);
    }
}
