package io.anabranch.bench;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FramingTest {
    private static final List<Integer> SIZES = List.of(0, 1, 125, 126, 127, 65_535, 65_536);

    private final List<String> heard = new ArrayList<>();

    private final Frames frames =
            new Frames() {
                @Override
                public void onFrame(byte[] bytes, int from, int to) {
                    heard.add(new String(bytes, from, to - from, UTF_8));
                }

                @Override
                public void onPing(byte[] content) {
                    heard.add("ping " + new String(content, UTF_8));
                }

                @Override
                public void onClose(String why) {
                    heard.add("close " + why);
                }
            };

    @Test
    void findsWebSocketFramesOfAllSizesHoweverTheyAreCut() {
        ByteBuf wire = Unpooled.buffer();
        List<String> sent = new ArrayList<>();
        for (int size : SIZES) {
            sent.add("é".repeat(size / 2) + "x".repeat(size % 2));
            frame(wire, 0x81, sent.get(sent.size() - 1));
        }
        for (int seed = 0; seed < 20; seed++) {
            heard.clear();
            read(wire.duplicate(), new WebSocketFraming(), false, new SplittableRandom(seed));
            assertThat(heard).isEqualTo(sent);
        }
    }

    @Test
    void findsEventsHoweverTheirChunksAreCut() {
        ByteBuf wire = Unpooled.buffer();
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            sent.add("{\"n\":" + i + "}");
            String event =
                    "id: k4x9-" + i + "\ndata: " + sent.get(i) + "\n\n: quiet\nid: k4x9-1\n\n";
            chunk(wire, event.substring(0, i % 30));
            chunk(wire, event.substring(i % 30));
        }
        for (int seed = 0; seed < 20; seed++) {
            heard.clear();
            read(wire.duplicate(), new EventStreamFraming(), true, new SplittableRandom(seed));
            assertThat(heard).isEqualTo(sent);
        }
    }

    @Test
    void tellsOfPingsAndOfAnEnd() {
        ByteBuf wire = Unpooled.buffer();
        frame(wire, 0x89, "you?");
        frame(wire, 0x8a, "here");
        frame(wire, 0x88, "\u0003\u0000");
        frame(wire, 0x01, "half");

        read(wire, new WebSocketFraming(), false, new SplittableRandom(1));

        assertThat(heard)
                .containsExactly(
                        "ping you?",
                        "close closed with 768",
                        "close a frame that begins with 1 (expected: whole text)");
    }

    @Test
    void knowsTheLastChunk() {
        Dechunker dechunker = new Dechunker();
        Scratch scratch = new Scratch();
        scratch.reset(new byte[0]);

        dechunker.read(Unpooled.copiedBuffer("3;x=y\r\nabc\r\n", UTF_8), scratch);
        assertThat(dechunker.isEnded()).isFalse();
        dechunker.read(Unpooled.copiedBuffer("0\r\n\r\n", UTF_8), scratch);
        assertThat(dechunker.isEnded()).isTrue();
        assertThat(new String(scratch.bytes(), 0, scratch.length(), UTF_8)).isEqualTo("abc");
    }

    @Test
    void refusesWhatIsNotChunked() {
        Scratch scratch = new Scratch();
        assertThatThrownBy(
                        () ->
                                new Dechunker()
                                        .read(Unpooled.copiedBuffer("id: 1\n", UTF_8), scratch))
                .hasMessageContaining("no chunk size");
    }

    private void read(ByteBuf wire, Framing framing, boolean chunked, SplittableRandom random) {
        Scratch scratch = new Scratch();
        Dechunker dechunker = new Dechunker();
        byte[] rest = {};
        while (wire.isReadable()) {
            int limit = random.nextInt(5) == 0 ? 100_000 : 40;
            ByteBuf part = wire.readSlice(Math.min(wire.readableBytes(), random.nextInt(1, limit)));
            scratch.reset(rest);
            if (chunked) {
                dechunker.read(part, scratch);
            } else {
                scratch.append(part, part.readableBytes());
            }
            rest = scratch.rest(framing.read(scratch.bytes(), scratch.length(), frames));
        }
        assertThat(rest).isEmpty();
    }

    private static void frame(ByteBuf wire, int first, String content) {
        byte[] bytes = content.getBytes(UTF_8);
        wire.writeByte(first);
        if (bytes.length < 126) {
            wire.writeByte(bytes.length);
        } else if (bytes.length < 65_536) {
            wire.writeByte(126).writeShort(bytes.length);
        } else {
            wire.writeByte(127).writeLong(bytes.length);
        }
        wire.writeBytes(bytes);
    }

    private static void chunk(ByteBuf wire, String content) {
        if (!content.isEmpty()) {
            wire.writeCharSequence(Integer.toHexString(content.length()), UTF_8);
            wire.writeCharSequence("\r\n" + content + "\r\n", UTF_8);
        }
    }
}
