package io.anabranch.message;

import java.util.concurrent.TimeUnit;
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

/** What it costs to ask whether a pattern matches a channel, and to read either. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PatternBenchmark {
    @Param({"chat:room-17", "chat:*", "ticker:*"})
    String text;

    private ChannelPattern pattern;
    private final Channel channel = new Channel("chat:room-17");

    @Setup
    public void prepare() {
        pattern = new ChannelPattern(text);
    }

    @Benchmark
    public boolean matches() {
        return pattern.matches(channel);
    }

    @Benchmark
    public ChannelPattern parse() {
        return new ChannelPattern(text);
    }
}
