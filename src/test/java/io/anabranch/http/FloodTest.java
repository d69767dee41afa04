package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import io.netty.buffer.PooledByteBufAllocator;
import io.vertx.core.json.JsonObject;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a client asks for and does not read waits with the client, not with the hub. */
class FloodTest {
    private static final int FRAMES = 300;
    private static final String PADDING = "x".repeat(10_000);

    @RegisterExtension final TestHub hub = new TestHub();

    @Test
    void answersThatNobodyReadsDoNotPileUp() throws Exception {
        Rest alice = new Rest(hub, hub.token("alice"));
        for (int i = 0; i < 20; i++) {
            alice.publish("chat:a", "\"" + PADDING + "\"");
        }
        long before = PooledByteBufAllocator.DEFAULT.pinnedDirectMemory();
        try (Socket socket = open()) {
            OutputStream out = socket.getOutputStream();
            CompletableFuture<Void> sent = CompletableFuture.runAsync(() -> flood(out));
            // Each answer is 200 KB: without a bound these hold 60 MB.
            for (int i = 0; i < 100; i++) {
                alice.publish("chat:b", "1");
                assertThat(PooledByteBufAllocator.DEFAULT.pinnedDirectMemory() - before)
                        .isLessThan(4 * 1024 * 1024);
            }
            DataInputStream in = new DataInputStream(socket.getInputStream());
            assertThat(readFrame(in).getString("type")).isEqualTo("ready");
            for (int ref = 1; ref <= FRAMES; ref++) {
                JsonObject answer = readFrame(in);
                assertThat(answer.getInteger("ref")).isEqualTo(ref);
                assertThat(answer.getJsonArray("messages")).hasSize(20);
            }
            sent.get(10, TimeUnit.SECONDS);
        }
    }

    private static void flood(OutputStream out) {
        try {
            for (int ref = 1; ref <= FRAMES; ref++) {
                JsonObject frame = new JsonObject().put("type", "history").put("ref", ref);
                writeFrame(out, frame.put("channel", "chat:a").encode());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Socket open() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(4_096);
        socket.setSoTimeout(10_000);
        socket.connect(new InetSocketAddress("127.0.0.1", hub.port()));
        String request =
                "GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n"
                        + "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
                        + Base64.getEncoder().encodeToString(new byte[16])
                        + "\r\nAuthorization: Bearer "
                        + hub.token("bob")
                        + "\r\n\r\n";
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        StringBuilder head = new StringBuilder();
        while (head.indexOf("\r\n\r\n") < 0) {
            head.append((char) socket.getInputStream().read());
        }
        return socket;
    }

    /** A text frame of a client's, with a mask of zeros (RFC 6455 §5.2). */
    private static void writeFrame(OutputStream out, String text) throws IOException {
        byte[] payload = text.getBytes(StandardCharsets.US_ASCII);
        assertThat(payload).hasSizeLessThan(126);
        byte[] frame = new byte[6 + payload.length];
        frame[0] = (byte) 0x81;
        frame[1] = (byte) (0x80 | payload.length);
        System.arraycopy(payload, 0, frame, 6, payload.length);
        out.write(frame);
    }

    /** The next text frame that is no heartbeat. */
    private static JsonObject readFrame(DataInputStream in) throws IOException {
        while (true) {
            int first = in.readUnsignedByte();
            int length = in.readUnsignedByte();
            long size =
                    length == 126 ? in.readUnsignedShort() : length == 127 ? in.readLong() : length;
            byte[] payload = new byte[(int) size];
            in.readFully(payload);
            String text = new String(payload, StandardCharsets.UTF_8);
            if (first == 0x81 && !text.contains("\"type\":\"heartbeat\"")) {
                return new JsonObject(text);
            }
        }
    }
}
