package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * {@code POST /api/v1/messages}: many messages in one request, each with a result of its own, in
 * order (protocol, section 6). NDJSON is published as it streams in; the results stream out.
 */
final class Batch {
    /** Room for an item around its data: names, channel, event, deduplication key. */
    private static final int ITEM_OVERHEAD_BYTES = 2_048;

    /** A whole array may be this much larger than one message. */
    private static final int ARRAY_FACTOR = 64;

    /** Items that wait for the log at once, before the request is read on. */
    private static final int MAX_WAITING = 4_096;

    /** Results wait for a client that sends all before it reads any, up to this many bytes. */
    private static final int MAX_UNREAD_BYTES = 16 * 1024 * 1024;

    private final Publisher publisher;
    private final int maxDataBytes;

    Batch(Publisher publisher, int maxDataBytes) {
        this.publisher = publisher;
        this.maxDataBytes = maxDataBytes;
    }

    void handle(RoutingContext context, Principal principal) {
        String contentType = context.request().getHeader("Content-Type");
        switch (RestRoutes.mediaType(contentType)) {
            case "application/x-ndjson" -> stream(context, principal);
            case "application/json" -> array(context, principal);
            default ->
                    Problem.answer(
                            context,
                            new Refusal(
                                    Reason.UNSUPPORTED_MEDIA_TYPE,
                                    "Content-Type: "
                                            + Refusal.shown(contentType == null ? "" : contentType)
                                            + " (expected: application/json with an array, or"
                                            + " application/x-ndjson)"));
        }
    }

    private void array(RoutingContext context, Principal principal) {
        int maxBytes = (int) Math.min(Integer.MAX_VALUE, (long) maxDataBytes * ARRAY_FACTOR);
        HttpServerRequest request = context.request();
        Buffer body = Buffer.buffer();
        request.handler(
                part -> {
                    if (body.length() + part.length() > maxBytes) {
                        request.handler(unused -> {});
                        request.endHandler(unused -> {});
                        Problem.answer(context, tooLarge(maxBytes));
                    } else {
                        body.appendBuffer(part);
                    }
                });
        request.endHandler(
                unused -> {
                    try {
                        var items = JsonValue.elements("body", body.getBytes());
                        Results results = new Results(context);
                        items.forEach(item -> results.add(publish(principal, item.utf8())));
                        results.end();
                    } catch (Refusal refusal) {
                        Problem.answer(context, refusal);
                    }
                });
    }

    private static Refusal tooLarge(int maxBytes) {
        return new Refusal(
                Reason.TOO_LARGE,
                "body: too large (expected: at most " + maxBytes + " bytes, or NDJSON)");
    }

    private void stream(RoutingContext context, Principal principal) {
        HttpServerRequest request = context.request();
        Results results = new Results(context);
        Lines lines =
                new Lines(
                        maxDataBytes + ITEM_OVERHEAD_BYTES,
                        line -> {
                            if (!isBlank(line)) {
                                results.add(publish(principal, line.getBytes()));
                            }
                        },
                        () -> results.add(Future.failedFuture(tooLong())));
        results.onFull(request::pause, request::resume);
        request.handler(lines);
        request.endHandler(
                unused -> {
                    lines.end();
                    results.end();
                });
    }

    private Refusal tooLong() {
        int most = maxDataBytes + ITEM_OVERHEAD_BYTES;
        return new Refusal(
                Reason.TOO_LARGE, "line: too long (expected: at most " + most + " bytes)");
    }

    private static boolean isBlank(Buffer line) {
        for (int i = 0; i < line.length(); i++) {
            if (line.getByte(i) > ' ' || line.getByte(i) < 0) {
                return false;
            }
        }
        return true;
    }

    private Future<JsonObject> publish(Principal principal, byte[] json) {
        try {
            Members item = Members.parse("item", json);
            String channel = item.requiredText("channel");
            return publisher
                    .publish(principal, item)
                    .map(
                            done ->
                                    new JsonObject()
                                            .put("id", done.id().toString())
                                            .put("channel", channel));
        } catch (Refusal refusal) {
            return Future.failedFuture(refusal);
        }
    }

    /** Writes the results in the order of the items, whichever completes first. */
    private static final class Results {
        private final RoutingContext context;
        private final HttpServerResponse response;
        private final Queue<Future<JsonObject>> waiting = new ArrayDeque<>();
        private Runnable pause = () -> {};
        private Runnable resume = () -> {};
        private boolean paused;
        private boolean writing;
        private boolean ending;
        private String separator = "[";

        Results(RoutingContext context) {
            this.context = context;
            this.response = context.response();
            response.setChunked(true)
                    .setWriteQueueMaxSize(MAX_UNREAD_BYTES)
                    .putHeader("Content-Type", "application/json")
                    .putHeader("Cache-Control", "no-store")
                    .drainHandler(unused -> writeLater());
        }

        void onFull(Runnable pauseReading, Runnable resumeReading) {
            pause = pauseReading;
            resume = resumeReading;
        }

        void add(Future<JsonObject> result) {
            waiting.add(result);
            holdBack();
            result.onComplete(unused -> writeLater());
        }

        void end() {
            ending = true;
            writeLater();
        }

        /** Gathers what completes in this turn of the loop for one write. */
        private void writeLater() {
            if (!writing) {
                writing = true;
                context.vertx().runOnContext(unused -> write());
            }
        }

        private void write() {
            writing = false;
            Buffer out = Buffer.buffer();
            while (!waiting.isEmpty() && waiting.element().isComplete()) {
                out.appendString(separator).appendBuffer(json(waiting.remove()).toBuffer());
                separator = ",";
            }
            if (response.ended() || response.closed()) {
                return;
            }
            if (ending && waiting.isEmpty()) {
                response.end(out.appendString(separator.equals("[") ? "[]" : "]"));
                return;
            }
            if (out.length() > 0) {
                response.write(out);
            }
            holdBack();
        }

        private void holdBack() {
            boolean full = waiting.size() >= MAX_WAITING || response.writeQueueFull();
            if (full && !paused) {
                paused = true;
                pause.run();
            } else if (!full && paused) {
                paused = false;
                resume.run();
            }
        }

        private static JsonObject json(Future<JsonObject> result) {
            if (result.succeeded()) {
                return result.result();
            }
            Refusal refusal = Problem.of(result.cause());
            return new JsonObject()
                    .put("status", refusal.status())
                    .put("code", refusal.code())
                    .put("message", refusal.explanation());
        }
    }
}
