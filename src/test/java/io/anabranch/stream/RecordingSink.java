package io.anabranch.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/** Takes everything, unless it is told to be full, and remembers it. */
final class RecordingSink implements Sink {
    private static final Pattern VALUE = Pattern.compile("(?:data: |\"data\":\\W*)(\\d+)");

    private final Encoding encoding;
    private final StringBuffer text = new StringBuffer();
    private final List<ByteBuf> buffers = new ArrayList<>();
    private volatile boolean full;

    RecordingSink() {
        this(Encoding.SSE);
    }

    RecordingSink(Encoding encoding) {
        this.encoding = encoding;
    }

    void full(boolean isFull) {
        full = isFull;
    }

    String text() {
        return text.toString();
    }

    List<Integer> values() {
        return VALUE.matcher(text)
                .results()
                .map(result -> Integer.valueOf(result.group(1)))
                .toList();
    }

    long gaps() {
        Matcher gap = Pattern.compile("event: hub.gap").matcher(text);
        return gap.results().count();
    }

    /** What the buffers that it got are shares of. */
    synchronized List<ByteBuf> buffers() {
        return List.copyOf(buffers);
    }

    void awaitAll(int first, int count) {
        await(IntStream.range(first, first + count).boxed().toList());
    }

    void await(List<Integer> expected) {
        Awaitility.await().until(() -> values().size() >= expected.size());
        assertThat(values()).isEqualTo(expected);
    }

    @Override
    public Encoding encoding() {
        return encoding;
    }

    @Override
    public boolean isWritable() {
        return !full;
    }

    @Override
    public synchronized void write(ByteBuf bytes) {
        text.append(bytes.toString(StandardCharsets.UTF_8));
        ByteBuf root = bytes;
        while (root.unwrap() != null) {
            root = root.unwrap();
        }
        buffers.add(root);
        bytes.release();
    }

    @Override
    public void flush() {}

    @Override
    public void abortUnlessSent() {}

    @Override
    public boolean isLost(long silentMs) {
        return false;
    }

    @Override
    public void cut() {}
}
