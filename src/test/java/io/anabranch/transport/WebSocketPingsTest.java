package io.anabranch.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;
import io.vertx.core.Vertx;
import io.vertx.core.internal.ContextInternal;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WebSocketPingsTest {
    private final Vertx vertx = Vertx.vertx();
    private final EmbeddedChannel channel = new EmbeddedChannel();

    WebSocketPingsTest() {
        var context = (ContextInternal) vertx.getOrCreateContext();
        channel.pipeline().addLast(new WebSocket(context, channel));
    }

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void pingsOfAClientThatReadsAreAnswered() {
        channel.writeInbound(new PingWebSocketFrame(Unpooled.buffer().writeInt(7)));
        PongWebSocketFrame pong = channel.readOutbound();
        assertThat(pong.content().readInt()).isEqualTo(7);
        pong.release();
    }

    @Test
    void pingsThatFindTheSocketFullAreLeftOut() {
        channel.write(Unpooled.wrappedBuffer(new byte[1 << 20]));
        ByteBuf payload = Unpooled.buffer().writeInt(1);
        channel.writeInbound(new PingWebSocketFrame(payload));
        assertThat(payload.refCnt()).isZero();
        channel.flush();
        ByteBuf filling = channel.readOutbound();
        filling.release();
        assertThat(channel.<Object>readOutbound()).isNull();
    }
}
