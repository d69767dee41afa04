package io.anabranch.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.message.Message;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PreparedTest {
    private static final Message MESSAGE = EncodingTest.message("moved", "{\"a\":[1.50]}");

    @ParameterizedTest
    @EnumSource(Encoding.class)
    void shareIsTheMessageEncoded(Encoding encoding) {
        Prepared prepared = Prepared.of(List.of(MESSAGE, MESSAGE));
        ByteBuf share = prepared.share(encoding);
        ByteBuf expected = Prepared.encode(encoding, List.of(MESSAGE, MESSAGE));
        assertThat(ByteBufUtil.getBytes(share)).isEqualTo(ByteBufUtil.getBytes(expected));
        share.release();
        prepared.release();
        expected.release();
        assertThat(expected.refCnt()).isZero();
    }

    @Test
    void isEncodedOnceForAllShares() {
        Prepared prepared = Prepared.of(List.of(MESSAGE));
        ByteBuf first = prepared.share(Encoding.SSE_CHUNKED);
        ByteBuf second = prepared.share(Encoding.SSE_CHUNKED);
        ByteBuf other = prepared.share(Encoding.WEBSOCKET);
        assertThat(second.memoryAddress()).isEqualTo(first.memoryAddress());
        assertThat(other.memoryAddress()).isNotEqualTo(first.memoryAddress());
        assertThat(root(first).refCnt()).isEqualTo(3);
        assertThat(root(other).refCnt()).isEqualTo(2);
        List.of(first, second, other).forEach(ByteBuf::release);
        prepared.release();
    }

    @Test
    void readersOfAShareDoNotMoveTheOthers() {
        Prepared prepared = Prepared.of(List.of(MESSAGE));
        ByteBuf first = prepared.share(Encoding.SSE);
        int length = first.readableBytes();
        first.skipBytes(length);
        ByteBuf second = prepared.share(Encoding.SSE);
        assertThat(second.readableBytes()).isEqualTo(length);
        first.release();
        second.release();
        prepared.release();
    }

    @Test
    void shareOutlivesWhatItCameFrom() {
        Prepared prepared = Prepared.of(List.of(MESSAGE));
        ByteBuf share = prepared.share(Encoding.SSE);
        byte[] bytes = ByteBufUtil.getBytes(share);
        prepared.release();
        ByteBuf shared = root(share);
        assertThat(shared.refCnt()).isEqualTo(1);
        assertThat(ByteBufUtil.getBytes(share)).isEqualTo(bytes);
        share.release();
        assertThat(shared.refCnt()).isZero();
    }

    @Test
    void nothingIsLeftWhateverTheOrderOfRelease() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            Prepared prepared = Prepared.of(List.of(MESSAGE));
            List<ByteBuf> shares = new ArrayList<>();
            for (int i = random.nextInt(20); i > 0; i--) {
                Encoding[] all = Encoding.values();
                shares.add(prepared.share(all[random.nextInt(all.length)]));
            }
            List<ByteBuf> shared = shares.stream().map(PreparedTest::root).toList();
            List<Runnable> releases = new ArrayList<>();
            shares.forEach(share -> releases.add(share::release));
            releases.add(prepared::release);
            Collections.shuffle(releases, random);
            releases.forEach(Runnable::run);
            assertThat(shared).as("seed %d", seed).allMatch(buffer -> buffer.refCnt() == 0);
        }
    }

    @Test
    void nobodyAskingCostsNothing() {
        Prepared.of(List.of(MESSAGE)).release();
    }

    /** What is shared: Netty wraps some buffers once more, at random, to find leaks. */
    private static ByteBuf root(ByteBuf share) {
        ByteBuf root = share;
        while (root.unwrap() != null) {
            root = root.unwrap();
        }
        return root;
    }
}
