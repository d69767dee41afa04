package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.log.Appended;
import io.anabranch.message.Channel;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Refusal;
import io.anabranch.metrics.Refusals;
import io.anabranch.transport.DirectRequests;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.util.AsciiString;
import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Publishes what further plain posts bring on a connection of which {@link RestRoutes} has answered
 * one, where no hook is asked before. What is refused before anything is done, and whatever may be
 * more than a post of one message, is left to the router.
 */
final class DirectPublish implements DirectRequests.Answers {
    /** They say where a request comes from, who sends it, or what else it wants. */
    private static final List<AsciiString> FOR_THE_ROUTER =
            List.of(
                    HttpHeaderNames.ORIGIN,
                    HttpHeaderNames.COOKIE,
                    HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL,
                    AsciiString.cached("forwarded"),
                    AsciiString.cached("x-forwarded-for"),
                    HttpHeaderNames.UPGRADE,
                    HttpHeaderNames.EXPECT,
                    HttpHeaderNames.TRANSFER_ENCODING);

    private static final AsciiString IDEMPOTENCY_KEY = AsciiString.cached("idempotency-key");

    private final Node node;
    private final String address;

    /** What every answer of this connection has, as the first one had it. */
    private final MultiMap headers = MultiMap.caseInsensitiveMultiMap();

    private final byte[] created;

    private DirectPublish(Node node, String address, MultiMap answered) {
        this.node = node;
        this.address = address;
        headers.addAll(answered).remove(HttpHeaderNames.CONTENT_LENGTH);
        this.created = head(201, headers);
    }

    /** Takes over the connection of a request that was answered, where that is possible. */
    static void takeOver(Node node, HttpServerRequest request) {
        HttpServerResponse response = request.response();
        if (!node.hub().hasHooks()
                && !request.headers().contains(HttpHeaderNames.ORIGIN)
                && !response.headers().contains(HttpHeaderNames.CONNECTION)
                && DirectRequests.canServe(request.connection())) {
            String address = node.addresses().ofPeer(request);
            var answers = new DirectPublish(node, address, response.headers());
            DirectRequests.serve(request.connection(), answers);
        }
    }

    @Override
    public boolean areFor(HttpRequest head) {
        return head.method().equals(HttpMethod.POST)
                && head.protocolVersion().equals(HttpVersion.HTTP_1_1)
                && head.decoderResult().isSuccess()
                && RestRoutes.isPublish(head.uri())
                && HttpUtil.isKeepAlive(head)
                && isPlain(head.headers());
    }

    private static boolean isPlain(HttpHeaders headers) {
        for (AsciiString name : FOR_THE_ROUTER) {
            if (headers.contains(name)) {
                return false;
            }
        }
        return true;
    }

    @Override
    public Optional<Future<DirectRequests.Answer>> to(HttpRequest head, ByteBuf body) {
        String name = RestRoutes.sentChannel(head.uri());
        if (!isPlainChannel(name) || body.readableBytes() > node.settings().maxDataBytes()) {
            return Optional.empty();
        }
        HttpHeaders sent = head.headers();
        Future<Principal> known =
                node.credentials().ofAuthorization(sent.get(HttpHeaderNames.AUTHORIZATION));
        if (!known.succeeded()) {
            return Optional.empty();
        }
        JsonValue data;
        try {
            String type = sent.get(HttpHeaderNames.CONTENT_TYPE);
            data = RestRoutes.data(type, ByteBuffer.wrap(ByteBufUtil.getBytes(body)));
        } catch (Refusal refusal) {
            return Optional.empty();
        }
        Principal principal = known.result();
        var sender = new Publisher.Sender(principal, address, null);
        Future<Appended> done =
                node.publisher()
                        .publish(sender, new Channel(name), null, data, sent.get(IDEMPOTENCY_KEY));
        return Optional.of(
                done.transform(
                        outcome ->
                                Future.succeededFuture(
                                        buffers ->
                                                outcome.succeeded()
                                                        ? answer(name, outcome.result(), buffers)
                                                        : refuse(
                                                                head,
                                                                principal,
                                                                outcome.cause(),
                                                                buffers))));
    }

    /** Neither encoded, nor with segments that the router takes for others. */
    private static boolean isPlainChannel(String name) {
        return Channel.isValid(name) && name.charAt(0) != '.' && name.indexOf('/') < 0;
    }

    private ByteBuf answer(String channel, Appended done, ByteBufAllocator buffers) {
        String json = "{\"id\":\"" + done.id() + "\",\"channel\":\"" + channel + "\"}";
        byte[] head = done.repeated() ? head(200, headers) : created;
        return response(head, json.getBytes(StandardCharsets.US_ASCII), buffers);
    }

    private ByteBuf refuse(
            HttpRequest head, Principal principal, Throwable failure, ByteBufAllocator buffers) {
        Refusal refusal = Problem.of(failure);
        var asker =
                new Refusals.Asker(
                        null,
                        principal.user(),
                        address,
                        head.method() + " " + Refusal.shown(head.uri()));
        node.telemetry().refusals().refused(Refusals.Of.REQUEST, refusal, asker);
        MultiMap answered = MultiMap.caseInsensitiveMultiMap().addAll(headers);
        Problem.headers(refusal, answered::set);
        return response(
                head(refusal.status(), answered),
                Problem.json(refusal).toBuffer().getBytes(),
                buffers);
    }

    /** All of a response up to the length of its body. */
    private static byte[] head(int status, MultiMap headers) {
        StringBuilder head = new StringBuilder(512);
        head.append("HTTP/1.1 ").append(HttpResponseStatus.valueOf(status)).append("\r\n");
        headers.forEach(
                (name, value) -> head.append(name).append(": ").append(value).append("\r\n"));
        return head.append("content-length: ").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    private static ByteBuf response(byte[] head, byte[] body, ByteBufAllocator buffers) {
        ByteBuf response = buffers.buffer(head.length + body.length + 16).writeBytes(head);
        ByteBufUtil.writeAscii(response, body.length + "\r\n\r\n");
        return response.writeBytes(body);
    }
}
