package io.anabranch.http;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.message.Limit;
import io.anabranch.testing.Rest;
import io.anabranch.testing.Scrape;
import io.anabranch.testing.TestHub;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2FrameTypes;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.SocketException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Requests over HTTP/2 (RFC 9113) that take their time, byte by byte. */
class SlowHttp2RequestsTest {
    private static final int MS = 400;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final byte[] NONE = {};
    private static final byte[] PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(US_ASCII);

    private record Frame(int type, int streamId, byte[] payload) {}

    @RegisterExtension
    final TestHub hub =
            new TestHub()
                    .heartbeat(30_000)
                    .limit(Limit.HEADERS_TIME, MS)
                    .limit(Limit.BODY_TIME, MS)
                    .idleTime(MS);

    private final ScheduledExecutorService drips = Executors.newSingleThreadScheduledExecutor();
    private final DefaultHttp2HeadersEncoder hpack = new DefaultHttp2HeadersEncoder();
    private String token;
    private Socket socket;
    private DataInputStream in;

    @BeforeEach
    void connect() throws Exception {
        token = hub.token("alice");
        // By its first connection the hub learns which socket listens, and by the next it has done
        // so.
        for (int i = 0; i < 2; i++) {
            HttpClient.newHttpClient()
                    .send(
                            HttpRequest.newBuilder(hub.uri("/health/live")).build(),
                            BodyHandlers.discarding());
        }
        socket = new Socket("127.0.0.1", hub.port());
        socket.setSoTimeout(10_000);
        in = new DataInputStream(socket.getInputStream());
    }

    @AfterEach
    void stop() throws Exception {
        drips.shutdownNow();
        socket.close();
    }

    @Test
    void settingsThatNeverEndAreCutOff() throws Exception {
        send(PREFACE);
        send(head(6_000, Http2FrameTypes.SETTINGS, 0, 0));
        drip(NONE);
        readToTheEnd();
        assertThat(counted(Limit.HEADERS_TIME)).isEqualTo(1);
    }

    @Test
    void whoAsksForNothingIsCutOff() throws Exception {
        agree();
        readToTheEnd();
        assertThat(counted(Limit.HEADERS_TIME)).isEqualTo(1);
    }

    @Test
    void headersThatNeverEndAreCutOff() throws Exception {
        agree();
        send(Http2FrameTypes.HEADERS, END_STREAM, 1, NONE);
        send(head(6_000, Http2FrameTypes.CONTINUATION, END_HEADERS, 1));
        drip(NONE);
        readToTheEnd();
        assertThat(counted(Limit.HEADERS_TIME)).isEqualTo(1);
    }

    @Test
    void aBodyThatNeverEndsIsResetAndItsNeighbourReadsOn() throws Exception {
        agree();
        send(headers(1, END_STREAM, "GET", "/sse?channel=a", ""));
        next(Http2FrameTypes.DATA, 1);
        send(headers(3, 0, "POST", "/api/v1/channels/a/messages", "application/json"));
        drip(head(1, Http2FrameTypes.DATA, 0, 3));
        next(Http2FrameTypes.RST_STREAM, 3);
        assertThat(counted(Limit.BODY_TIME)).isEqualTo(1);
        new Rest(hub, token).publish("a", "\"still here\"");
        Frame frame = next(Http2FrameTypes.DATA, 1);
        while (!new String(frame.payload, UTF_8).contains("still here")) {
            frame = next(Http2FrameTypes.DATA, 1);
        }
        assertThat(counted(Limit.HEADERS_TIME)).isZero();
    }

    @Test
    void aConnectionThatIsKeptEndsUncounted() throws Exception {
        agree();
        send(headers(1, END_STREAM, "GET", "/health/live", ""));
        next(Http2FrameTypes.DATA, 1);
        readToTheEnd();
        assertThat(counted(Limit.HEADERS_TIME)).isZero();
    }

    @Test
    void ndjsonMayStreamForAsLongAsItLikes() throws Exception {
        agree();
        send(headers(1, 0, "POST", "/api/v1/messages", "application/x-ndjson"));
        byte[] item = "{\"channel\":\"a\",\"data\":1}\n".getBytes(US_ASCII);
        send(Http2FrameTypes.DATA, 0, 1, item);
        try (Socket other = new Socket("127.0.0.1", hub.port())) {
            other.setSoTimeout(10_000);
            // Until somebody else is cut off who came later.
            assertThat(other.getInputStream().read()).isNegative();
        }
        send(Http2FrameTypes.DATA, END_STREAM, 1, item);
        StringBuilder answer = new StringBuilder();
        while (!answer.toString().endsWith("]")) {
            answer.append(new String(next(Http2FrameTypes.DATA, 1).payload, UTF_8));
        }
        assertThat(answer.toString().split("\"id\"")).hasSize(3);
    }

    @Test
    void theBodyOfAnUpgradeIsCutOff() throws Exception {
        String post =
                "POST /api/v1/channels/a/messages HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                        + token
                        + "\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"
                        + "HTTP2-Settings: AAMAAABkAAQAAP__\r\n"
                        + "Content-Type: application/json\r\nContent-Length: 6000\r\n\r\n\"";
        send(post.getBytes(US_ASCII));
        drip(NONE);
        readToTheEnd();
        assertThat(counted(Limit.BODY_TIME)).isEqualTo(1);
    }

    private void agree() throws IOException {
        send(PREFACE);
        send(Http2FrameTypes.SETTINGS, 0, 0, NONE);
    }

    private void send(int type, int flags, int streamId, byte[] payload) throws IOException {
        send(head(payload.length, type, flags, streamId));
        send(payload);
    }

    private void send(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    /** RFC 9113 §4.1. */
    private static byte[] head(int length, int type, int flags, int streamId) {
        return ByteBuffer.allocate(9)
                .put((byte) (length >> 16))
                .putShort((short) length)
                .put((byte) type)
                .put((byte) flags)
                .putInt(streamId)
                .array();
    }

    private byte[] headers(int streamId, int flags, String method, String path, String type)
            throws Exception {
        Http2Headers headers =
                new DefaultHttp2Headers()
                        .method(method)
                        .path(path)
                        .scheme("http")
                        .authority("a")
                        .add("authorization", "Bearer " + token);
        if (!type.isEmpty()) {
            headers.add("content-type", type);
        }
        ByteBuf block = Unpooled.buffer();
        hpack.encodeHeaders(streamId, headers, block);
        byte[] payload = ByteBufUtil.getBytes(block);
        ByteBuf frame =
                Unpooled.wrappedBuffer(
                        head(
                                payload.length,
                                Http2FrameTypes.HEADERS,
                                END_HEADERS | flags,
                                streamId),
                        payload);
        return ByteBufUtil.getBytes(frame);
    }

    /** A byte every now and then, each with {@code before} before it. */
    private void drip(byte[] before) {
        byte[] drop = ByteBuffer.allocate(before.length + 1).put(before).put((byte) '1').array();
        drips.scheduleWithFixedDelay(
                () -> {
                    try {
                        send(drop);
                    } catch (IOException closed) {
                        throw new UncheckedIOException(closed);
                    }
                },
                0,
                50,
                MILLISECONDS);
    }

    private Frame next(int type, int streamId) throws IOException {
        while (true) {
            Frame frame = next().orElseThrow(() -> new AssertionError("closed before " + type));
            if (frame.type == type && frame.streamId == streamId && frame.payload.length > 0) {
                return frame;
            }
        }
    }

    private Optional<Frame> next() throws IOException {
        try {
            int length = in.readUnsignedByte() << 16 | in.readUnsignedShort();
            int type = in.readUnsignedByte();
            in.readUnsignedByte();
            int streamId = in.readInt();
            byte[] payload = new byte[length];
            in.readFully(payload);
            return Optional.of(new Frame(type, streamId, payload));
        } catch (EOFException | SocketException ended) {
            return Optional.empty();
        }
    }

    private void readToTheEnd() throws IOException {
        byte[] buffer = new byte[1_024];
        try {
            while (in.read(buffer) >= 0) {
                // What the hub said before it closed.
            }
        } catch (SocketException reset) {
            // What it had not read when it closed.
        }
    }

    private double counted(Limit limit) throws Exception {
        return Scrape.sum(hub, "anabranch_limits_exceeded_total", '"' + limit.setting() + '"');
    }
}
