package io.anabranch.transport;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.ContinuationWebSocketFrame;
import io.netty.handler.codec.http.websocketx.CorruptedWebSocketFrameException;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocket13FrameDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.flow.FlowControlHandler;
import io.netty.util.ReferenceCountUtil;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Inflates what a client has compressed (RFC 7692 §7.2.2), piece by piece, and stops at a bound
 * before it takes memory for more. Netty's own inflates a frame whole, whatever comes of it.
 * Between messages it holds nothing.
 */
final class MessageInflater extends ChannelInboundHandlerAdapter {
    /** Whatever inflates further than this is a bomb: text becomes a tenth, or a thirtieth. */
    private static final int MAX_RATIO = 200;

    /** So much may come of a few bytes. */
    private static final int FREE_BYTES = 128 * 1024;

    private static final int PIECE_BYTES = 4 * 1024;
    private static final int RSV1 = 4;
    private static final byte[] TAIL = {0, 0, (byte) 0xff, (byte) 0xff};

    private final int maxBytes;

    /** While a compressed message is coming. */
    private @Nullable Inflater inflater;

    private long came;
    private long inflated;
    private boolean broken;

    private MessageInflater(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    /**
     * Reads compressed messages from now on.
     *
     * @param reader the name of the handler that is to get the inflated frames
     * @param maxBytes how large a frame, and an inflated message, may be, in bytes
     */
    static void install(ChannelPipeline pipeline, String reader, int maxBytes) {
        WebSocketDecoderConfig config =
                WebSocketDecoderConfig.newBuilder()
                        .allowExtensions(true)
                        .maxFramePayloadLength(maxBytes)
                        .closeOnProtocolViolation(false)
                        .build();
        pipeline.replace(
                WebSocket13FrameDecoder.class, "wsdecoder", new WebSocket13FrameDecoder(config));
        // What is not read yet waits as it came, and not inflated.
        pipeline.addBefore(reader, null, new FlowControlHandler());
        pipeline.addBefore(reader, null, new MessageInflater(maxBytes));
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) {
        if (broken) {
            ReferenceCountUtil.release(message);
        } else if (message instanceof WebSocketFrame frame) {
            read(context, frame);
        } else {
            context.fireChannelRead(message);
        }
    }

    private void read(ChannelHandlerContext context, WebSocketFrame frame) {
        boolean begins =
                frame instanceof TextWebSocketFrame || frame instanceof BinaryWebSocketFrame;
        boolean isData = begins || frame instanceof ContinuationWebSocketFrame;
        if (frame.rsv() != 0 && !(begins && frame.rsv() == RSV1)) {
            frame.release();
            refuse(context, WebSocketCloseStatus.PROTOCOL_ERROR, "RSV " + frame.rsv());
            return;
        }
        if (begins && frame.rsv() == RSV1) {
            inflater = new Inflater(true);
            came = 0;
            inflated = 0;
        }
        if (inflater == null || !isData) {
            context.fireChannelRead(frame);
        } else {
            inflate(context, frame, inflater);
        }
    }

    private void inflate(ChannelHandlerContext context, WebSocketFrame frame, Inflater by) {
        ByteBuf out = context.alloc().buffer(PIECE_BYTES);
        boolean isWhole = false;
        try {
            came += frame.content().readableBytes();
            isWhole = inflate(frame.content().nioBuffer(), by, out);
            if (isWhole && frame.isFinalFragment()) {
                isWhole = inflate(ByteBuffer.wrap(TAIL), by, out);
            }
            if (!isWhole) {
                refuse(context, WebSocketCloseStatus.MESSAGE_TOO_BIG, "inflates too far");
            }
        } catch (DataFormatException e) {
            isWhole = false;
            refuse(context, WebSocketCloseStatus.INVALID_PAYLOAD_DATA, "no deflate data");
        } finally {
            frame.release();
            if (!isWhole) {
                out.release();
            }
        }
        if (isWhole) {
            if (frame.isFinalFragment()) {
                end();
            }
            context.fireChannelRead(inflated(frame, out));
        }
    }

    /** False when more would come of it than may. */
    private boolean inflate(ByteBuffer packed, Inflater by, ByteBuf out)
            throws DataFormatException {
        byte[] piece = new byte[PIECE_BYTES];
        by.setInput(packed);
        while (true) {
            int length = by.inflate(piece);
            inflated += length;
            if (inflated > maxBytes || inflated > Math.max(FREE_BYTES, MAX_RATIO * came)) {
                return false;
            }
            out.writeBytes(piece, 0, length);
            if (length > 0) {
                continue;
            }
            if (!by.finished() || !packed.hasRemaining()) {
                return true;
            }
            // A sender may end its blocks and begin others (RFC 7692 §7.2.3.4).
            by.reset();
            by.setInput(packed);
        }
    }

    private static WebSocketFrame inflated(WebSocketFrame frame, ByteBuf content) {
        boolean isFinal = frame.isFinalFragment();
        if (frame instanceof TextWebSocketFrame) {
            return new TextWebSocketFrame(isFinal, 0, content);
        }
        return frame instanceof BinaryWebSocketFrame
                ? new BinaryWebSocketFrame(isFinal, 0, content)
                : new ContinuationWebSocketFrame(isFinal, 0, content);
    }

    /** Closed by {@link WebSocket}, as what Netty's decoder refuses. */
    private void refuse(ChannelHandlerContext context, WebSocketCloseStatus status, String why) {
        broken = true;
        end();
        context.fireExceptionCaught(new CorruptedWebSocketFrameException(status, why));
    }

    private void end() {
        if (inflater != null) {
            inflater.end();
            inflater = null;
        }
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext context) {
        end();
    }
}
