package io.anabranch.transport;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponseEncoder;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.net.impl.ShutdownEvent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DirectRequestsTest {
    private static final RequestDeadlines.Times TIMES =
            new RequestDeadlines.Times(60_000, 60_000, 60_000);

    /**
     * Answers each post but for those to {@code /other}, and of the rest those of {@code left};
     * those of {@code late} when {@link #answerLate} says so.
     */
    private final class Echo implements DirectRequests.Answers {
        @Override
        public boolean areFor(HttpRequest head) {
            return head.method().name().equals("POST") && !head.uri().equals("/other");
        }

        @Override
        public Optional<Future<DirectRequests.Answer>> to(HttpRequest head, ByteBuf body) {
            String text = body.toString(StandardCharsets.US_ASCII);
            if (text.equals("left")) {
                return Optional.empty();
            }
            DirectRequests.Answer answer = buffers -> bytes("<" + text + ">");
            if (!text.equals("late")) {
                return Optional.of(Future.succeededFuture(answer));
            }
            Promise<DirectRequests.Answer> promise = Promise.promise();
            late.add(() -> promise.complete(answer));
            return Optional.of(promise.future());
        }
    }

    /** Vert.x's place: keeps what reaches it. */
    private final class Behind extends ChannelInboundHandlerAdapter {
        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            if (message instanceof HttpRequest request) {
                seen.add(request.method() + " " + request.uri());
            }
            if (message instanceof HttpContent content && content.content().isReadable()) {
                seen.add(content.content().toString(StandardCharsets.US_ASCII));
            }
            ReferenceCountUtil.release(message);
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            seen.add(event.getClass().getSimpleName());
        }
    }

    private final List<String> seen = new ArrayList<>();
    private final Queue<Runnable> late = new ArrayDeque<>();
    private final EmbeddedChannel channel = new EmbeddedChannel();

    DirectRequestsTest() {
        channel.pipeline()
                .addLast("httpDecoder", new HttpRequestDecoder())
                .addLast("httpEncoder", new HttpResponseEncoder())
                .addLast(RequestDeadlines.VERTX, new Behind());
        RequestDeadlines.watch(channel, TIMES, late -> {});
        DirectRequests.serve(channel.pipeline(), new Echo());
    }

    @AfterEach
    void nothingIsLeft() {
        channel.finishAndReleaseAll();
    }

    @Test
    void answersWhatComesWhole() {
        read(post("/a", "one") + post("/a", "two"));
        assertThat(written()).isEqualTo("<one><two>");
        assertThat(seen).isEmpty();
    }

    @Test
    void leavesWhatComesInPartsOrIsNotForIt() {
        read(post("/a", "in parts").substring(0, 43));
        read(post("/a", "in parts").substring(43));
        answerFromBehind();
        read(post("/other", "1"));
        answerFromBehind();
        read(post("/a", "left"));
        answerFromBehind();
        assertThat(String.join(" ", seen))
                .isEqualTo("POST /a in p arts POST /other 1 POST /a left");
        read(post("/a", "again"));
        assertThat(written()).contains("HTTP/1.1 204").endsWith("<again>");
    }

    @Test
    void answersNothingBeforeWhatCameBefore() {
        read("GET /slow HTTP/1.1\r\n\r\n" + post("/a", "next"));
        assertThat(written()).isEmpty();
        assertThat(seen).containsExactly("GET /slow", "POST /a", "next");
    }

    @Test
    void answersLaterInTheOrderOfTheRequests() {
        read(post("/a", "late") + post("/a", "one") + post("/a", "late") + post("/a", "two"));
        assertThat(written()).isEmpty();
        answerLate();
        assertThat(written()).isEqualTo("<late><one>");
        answerLate();
        assertThat(written()).isEqualTo("<late><two>");
        assertThat(seen).isEmpty();
    }

    @Test
    void whatComesMeanwhileIsHeldAndNoMoreIsRead() {
        read(post("/a", "late") + post("/other", "1") + post("/a", "2"));
        assertThat(channel.config().isAutoRead()).isFalse();
        assertThat(seen).isEmpty();
        answerLate();
        assertThat(channel.config().isAutoRead()).isTrue();
        assertThat(written()).isEqualTo("<late>");
        assertThat(seen).containsExactly("POST /other", "1", "POST /a", "2");
    }

    @Test
    void aConnectionEndsAfterTheAnswerThatIsNotReady() {
        read(post("/a", "late") + post("/a", "held"));
        shutDown(1_000);
        assertThat(seen).isEmpty();
        answerLate();
        assertThat(written()).isEqualTo("<late>");
        assertThat(seen).containsExactly("ShutdownEvent");
    }

    @Test
    void aConnectionEndsInTimeWithoutTheAnswer() {
        read(post("/a", "late"));
        shutDown(1_000);
        channel.advanceTimeBy(1_001, TimeUnit.MILLISECONDS);
        channel.runScheduledPendingTasks();
        assertThat(seen).containsExactly("ShutdownEvent");
    }

    @Test
    void aConnectionThatEndsAtOnceOrWaitsForNothingIsNotHeldUp() {
        shutDown(1_000);
        read(post("/a", "late"));
        shutDown(0);
        assertThat(seen).containsExactly("ShutdownEvent", "ShutdownEvent");
    }

    @Test
    void anAnswerToWhoeverHasLeftIsNotWritten() {
        read(post("/a", "late") + post("/a", "held"));
        channel.close();
        answerLate();
        assertThat(written()).isEmpty();
    }

    private void answerLate() {
        late.remove().run();
        channel.runPendingTasks();
    }

    private void shutDown(long withinMs) {
        channel.pipeline()
                .fireUserEventTriggered(new ShutdownEvent(withinMs, TimeUnit.MILLISECONDS));
    }

    private void read(String bytes) {
        channel.writeInbound(bytes(bytes));
    }

    private void answerFromBehind() {
        channel.writeOutbound(
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, HttpResponseStatus.NO_CONTENT));
    }

    private String written() {
        StringBuilder text = new StringBuilder();
        ByteBuf part;
        while ((part = channel.readOutbound()) != null) {
            text.append(part.toString(StandardCharsets.US_ASCII));
            part.release();
        }
        return text.toString();
    }

    private static String post(String path, String body) {
        return "POST %s HTTP/1.1\r\nContent-Length: %d\r\n\r\n%s"
                .formatted(path, body.length(), body);
    }

    private static ByteBuf bytes(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.US_ASCII);
    }
}
