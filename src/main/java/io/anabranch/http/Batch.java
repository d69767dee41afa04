package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.log.Appended;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Limit;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.anabranch.metrics.Refusals;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;

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
    private final Credentials credentials;
    private final int maxDataBytes;
    private final int maxItems;

    /**
     * @param maxDataBytes of one item's data
     * @param maxItems of an array
     */
    Batch(Publisher publisher, Credentials credentials, int maxDataBytes, int maxItems) {
        this.publisher = publisher;
        this.maxItems = maxItems;
        this.credentials = credentials;
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
        RequestBody.whole(context, maxBytes, () -> tooLarge(maxBytes))
                .map(body -> JsonValue.elements("body", body))
                .onSuccess(items -> publish(context, principal, items))
                .onFailure(failure -> Problem.answer(context, failure));
    }

    private void publish(RoutingContext context, Principal principal, List<JsonValue> items) {
        if (items.size() > maxItems) {
            Problem.answer(context, tooManyItems(items.size()));
            return;
        }
        Results results = new Results(context);
        var sender = new Publisher.Sender(principal, Arrival.address(context), null);
        for (JsonValue item : items) {
            results.add(publish(principal, item.buffer(), it -> publisher.publish(sender, it)));
        }
        results.end();
    }

    private Refusal tooManyItems(int items) {
        return Refusal.overLimit(
                Reason.TOO_LARGE,
                Limit.BATCH_ITEMS,
                "body: " + items + " items, more than an array may have, unlike NDJSON",
                maxItems);
    }

    private static Refusal tooLarge(int maxBytes) {
        return new Refusal(
                Reason.TOO_LARGE,
                "body: too large (expected: at most " + maxBytes + " bytes, or NDJSON)");
    }

    private void stream(RoutingContext context, Principal principal) {
        HttpServerRequest request = context.request();
        Results results = new Results(context);
        String address = Arrival.address(context);
        TokenBucket rate = publisher.rates().connection();
        NdjsonStream stream =
                new NdjsonStream(
                        context.vertx(),
                        request,
                        () -> publisher.rates().take(principal, address, rate),
                        line ->
                                results.add(
                                        publish(
                                                principal,
                                                line,
                                                it -> publisher.publishAdmitted(principal, it))),
                        results::end);
        Lines lines =
                new Lines(
                        maxDataBytes + ITEM_OVERHEAD_BYTES,
                        line -> {
                            if (!isBlank(line)) {
                                stream.add(line);
                            }
                        },
                        () -> results.add(Result.refused(tooLong())));
        if (request.isEnded()) {
            stream.allRead();
        }
        results.onFull(stream::hold, stream::goOn);
        RequestBody.stream(
                context,
                lines,
                unused -> {
                    stream.allRead();
                    lines.end();
                    stream.end();
                });
    }

    private Refusal tooLong() {
        int most = maxDataBytes + ITEM_OVERHEAD_BYTES;
        return new Refusal(
                Reason.TOO_LARGE, "line: too long (expected: at most " + most + " bytes)");
    }

    private static boolean isBlank(ByteBuffer line) {
        for (int i = 0; i < line.limit(); i++) {
            byte b = line.get(i);
            if (b > ' ' || b < 0) {
                return false;
            }
        }
        return true;
    }

    private Result publish(
            Principal principal, ByteBuffer json, Function<Members, Future<Appended>> publish) {
        try {
            credentials.requireStillGood(principal);
            Members item = Members.parse("item", json);
            String channel = item.requiredText("channel");
            return new Result(channel, publish.apply(item));
        } catch (RuntimeException e) {
            return Result.refused(e);
        }
    }

    /** What becomes of one item. */
    private record Result(String channel, Future<Appended> appended) {
        static Result refused(Throwable reason) {
            return new Result("", Future.failedFuture(reason));
        }

        void appendTo(Buffer out, RoutingContext context) {
            if (appended.succeeded()) {
                // Neither an id nor the name of a channel has anything to escape.
                out.appendString("{\"id\":\"")
                        .appendString(appended.result().id().toString())
                        .appendString("\",\"channel\":\"")
                        .appendString(channel)
                        .appendString("\"}");
                return;
            }
            Refusal refusal = Problem.of(appended.cause());
            Arrival.refused(context, Refusals.Of.ITEM, refusal);
            out.appendBuffer(
                    new JsonObject()
                            .put("status", refusal.status())
                            .put("code", refusal.code())
                            .put("message", refusal.explanation())
                            .toBuffer());
        }
    }

    /** Writes the results in the order of the items, whichever completes first. */
    private static final class Results {
        private final RoutingContext context;
        private final HttpServerResponse response;
        private final Context loop;
        private final Queue<Result> waiting = new ArrayDeque<>();

        /** Whether a turn that writes is on its way; by any thread. */
        private final AtomicBoolean writing = new AtomicBoolean();

        private Runnable pause = () -> {};
        private Runnable resume = () -> {};
        private boolean paused;
        private boolean ending;
        private String separator = "[";

        Results(RoutingContext context) {
            this.context = context;
            this.response = context.response();
            this.loop = context.vertx().getOrCreateContext();
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

        void add(Result result) {
            waiting.add(result);
            holdBack();
            result.appended().onComplete(unused -> writeLater());
        }

        void end() {
            ending = true;
            writeLater();
        }

        /** Gathers what completes until the loop's next turn for one write. */
        private void writeLater() {
            if (writing.compareAndSet(false, true)) {
                loop.runOnContext(unused -> write());
            }
        }

        private void write() {
            writing.set(false);
            Buffer out = Buffer.buffer();
            while (!waiting.isEmpty() && waiting.element().appended().isComplete()) {
                waiting.remove().appendTo(out.appendString(separator), context);
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
    }
}
