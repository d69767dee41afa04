package io.anabranch.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import org.HdrHistogram.SingleWriterRecorder;
import org.jspecify.annotations.Nullable;

/**
 * One connection that reads: opens itself, checks what arrives, counts. It stands on Netty, below
 * Vert.x's public API, as a frame must cost the generator less than it costs the hub.
 */
final class Reader extends ChannelInboundHandlerAdapter implements Frames {
    /** Each so many-th frame is parsed, too. */
    private static final int SAMPLE = 1_009;

    private static final byte[] EMPTY = {};

    private final Transport transport;
    private final byte[] request;
    private final LoopState loop;
    private final SingleWriterRecorder latencies;
    private final Continuity continuity;
    private final Incidents incidents;
    private final Promise<Void> ready = Promise.promise();
    private final Framing framing;
    private byte[] rest = EMPTY;
    private @Nullable ResponseHead head;
    private @Nullable Dechunker dechunker;
    private @Nullable ChannelHandlerContext context;
    private String closing = "";
    private volatile boolean ended;
    private long now;

    Reader(
            Transport transport,
            byte[] request,
            LoopState loop,
            Continuity continuity,
            Incidents incidents) {
        this.transport = transport;
        this.request = request;
        this.loop = loop;
        this.latencies = loop.latencies(transport);
        this.continuity = continuity;
        this.incidents = incidents;
        this.framing =
                transport == Transport.SSE ? new EventStreamFraming() : new WebSocketFraming();
    }

    Transport transport() {
        return transport;
    }

    /** Completes when the hub says that it is ready; fails with what went wrong before. */
    Future<Void> ready() {
        return ready.future();
    }

    /** The socket could not be opened. */
    void fail(Throwable cause) {
        end(String.valueOf(cause.getMessage()));
    }

    /** It is to be ready by now; on its event loop. */
    void expectReady() {
        if (!ready.future().isComplete()) {
            end("not ready in " + Sockets.CONNECT_TIMEOUT_MS + " ms");
        }
    }

    /** Whether it was ready and has not ended since. */
    boolean isOpen() {
        return ready.future().succeeded() && !ended;
    }

    /** What it has read; on its event loop alone. */
    Continuity continuity() {
        return continuity;
    }

    @Override
    public void channelActive(ChannelHandlerContext active) {
        context = active;
        active.writeAndFlush(Unpooled.wrappedBuffer(request));
    }

    @Override
    public void channelRead(ChannelHandlerContext reading, Object bytes) {
        ByteBuf in = (ByteBuf) bytes;
        try {
            now = loop.now();
            read(in);
            loop.publishCount();
        } catch (IllegalStateException e) {
            end(String.valueOf(e.getMessage()));
        } finally {
            in.release();
        }
    }

    private void read(ByteBuf in) {
        Scratch scratch = loop.scratch();
        scratch.reset(rest);
        if (head == null) {
            scratch.append(in, in.readableBytes());
            rest = scratch.rest(0);
            Optional<ResponseHead> whole = ResponseHead.read(scratch.bytes(), scratch.length());
            if (whole.isPresent()) {
                open(whole.get());
            }
        } else if (dechunker != null) {
            dechunker.read(in, scratch);
            readFrames(scratch);
        } else {
            scratch.append(in, in.readableBytes());
            readFrames(scratch);
        }
    }

    private void open(ResponseHead whole) {
        ByteBuf body = Unpooled.wrappedBuffer(rest, whole.length(), rest.length - whole.length());
        int expected = transport == Transport.SSE ? 200 : 101;
        if (whole.status() != expected) {
            end(refusal(whole.status(), body.toString(UTF_8)));
            return;
        }
        head = whole;
        dechunker = whole.chunked() ? new Dechunker() : null;
        rest = EMPTY;
        read(body);
    }

    private static String refusal(int status, String body) {
        try {
            return status + " " + new JsonObject(body).getString("detail", "");
        } catch (DecodeException | ClassCastException e) {
            return "status " + status;
        }
    }

    private void readFrames(Scratch scratch) {
        int done = framing.read(scratch.bytes(), scratch.length(), this);
        rest = scratch.rest(done);
        if (dechunker != null && dechunker.isEnded()) {
            end("the stream ended");
        }
    }

    @Override
    public void onFrame(byte[] bytes, int from, int to) {
        MessageScan scan = loop.scan();
        boolean scanned = scan.scan(bytes, from, to);
        boolean sampled = loop.countFrame() % SAMPLE == 0;
        if (scanned && !sampled) {
            take(scan);
            return;
        }
        try {
            JsonObject frame =
                    new JsonObject(Buffer.buffer(to - from).setBytes(0, bytes, from, to - from));
            if (scanned && !scan.agreesWith(frame)) {
                incidents.add(Incident.INVALID, () -> "read in two ways: " + frame.encode());
            }
            take(frame);
        } catch (DecodeException | ClassCastException e) {
            incidents.add(
                    Incident.INVALID,
                    () -> "no frame: " + new String(bytes, from, to - from, UTF_8));
        }
    }

    private void take(MessageScan message) {
        if (continuity.take(message)) {
            loop.countDelivery();
            if (loop.isMeasured(message.atNanos)) {
                latencies.recordValue(Latencies.micros(now - message.atNanos));
            }
        }
    }

    private void take(JsonObject frame) {
        switch (frame.getString("type", "")) {
            case "message" -> {
                MessageScan message = loop.scan();
                message.parse(frame);
                if (message.ours && !message.isAsPublished(frame)) {
                    incidents.add(Incident.INVALID, () -> "other data: " + frame.encode());
                }
                take(message);
            }
            case "ready" -> ready.tryComplete();
            case "gap" -> continuity.gap(frame);
            case "close" ->
                    closing = frame.getInteger("code") + " " + frame.getString("reason", "");
            default -> {}
        }
    }

    @Override
    public void onPing(byte[] content) {
        ByteBuf pong = Unpooled.buffer(content.length + 6);
        // Masked with zeros (RFC 6455 §5.3): a mask is to protect proxies, and here is no content.
        pong.writeByte(0x8a).writeByte(0x80 | content.length).writeInt(0).writeBytes(content);
        if (context != null) {
            context.writeAndFlush(pong);
        }
    }

    @Override
    public void onClose(String why) {
        end(why);
    }

    @Override
    public void channelInactive(ChannelHandlerContext inactive) {
        end("the connection was closed");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext failed, Throwable cause) {
        end(cause.toString());
    }

    private void end(String why) {
        if (ended) {
            return;
        }
        String reason = closing.isEmpty() ? why : closing;
        if (!ready.tryFail(reason)) {
            incidents.add(Incident.DISCONNECTED, () -> reason);
        }
        ended = true;
        if (context != null) {
            context.close();
        }
    }
}
