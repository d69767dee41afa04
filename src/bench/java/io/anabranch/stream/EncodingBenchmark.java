package io.anabranch.stream;

import io.anabranch.message.Channel;
import io.anabranch.message.EventName;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
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

/** What a turn's messages on a channel cost to encode, once for all subscribers; and each share. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EncodingBenchmark {
    @Param({"WEBSOCKET", "SSE", "SSE_ENVELOPE"})
    Encoding encoding;

    @Param({"1", "10"})
    int messages;

    private List<Message> turn;
    private Prepared prepared;

    @Setup
    public void prepare() {
        JsonValue data = JsonValue.ofText("x".repeat(198));
        turn = IntStream.rangeClosed(1, messages).mapToObj(seq -> message(seq, data)).toList();
        prepared = Prepared.of(turn);
    }

    private static Message message(int seq, JsonValue data) {
        return new Message(
                new MessageId("k4x9", seq + 1),
                new MessageId("k4x9", seq),
                new Channel("chat:lobby"),
                EventName.DEFAULT,
                data,
                1_795_223_640_123L,
                "alice");
    }

    @Benchmark
    public int encode() {
        ByteBuf buffer = Prepared.encode(encoding, turn);
        int bytes = buffer.readableBytes();
        buffer.release();
        return bytes;
    }

    @Benchmark
    public boolean share() {
        return prepared.share(encoding).release();
    }
}
