package io.anabranch.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.util.ReferenceCountUtil;
import org.junit.jupiter.api.Test;

class PingGuardTest {
    private final EmbeddedChannel channel = new EmbeddedChannel(new PingGuard());

    @Test
    void pingsOfAClientThatReadsArePassedOn() {
        PingWebSocketFrame ping = new PingWebSocketFrame();
        assertThat(channel.writeInbound(ping)).isTrue();
        ReferenceCountUtil.release(channel.readInbound());
    }

    @Test
    void pingsThatFindTheSocketFullAreLeftOut() {
        channel.write(Unpooled.wrappedBuffer(new byte[1 << 20]));
        ByteBuf payload = Unpooled.buffer().writeInt(1);
        assertThat(channel.writeInbound(new PingWebSocketFrame(payload))).isFalse();
        assertThat(payload.refCnt()).isZero();
        assertThat(channel.writeInbound(new TextWebSocketFrame("{}"))).isTrue();
        ReferenceCountUtil.release(channel.readInbound());
    }
}
