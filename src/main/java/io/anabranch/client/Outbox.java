package io.anabranch.client;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Requests that outlive the connection they were made on: what a broken link did not answer goes
 * out again on the next, publishes in the order in which they were made.
 */
final class Outbox {
    /** Requests kept while there is no connection. */
    private static final int KEPT = 100;

    private static final Set<Integer> UNAVAILABLE = Set.of(502, 503, 504);
    private static final int MOST_ATTEMPTS = 3;

    private static final class Entry {
        final String op;
        final JsonObject args;
        final boolean repeat;
        final Promise<JsonObject> answer = Promise.promise();
        @Nullable Link link;
        int attempts;
        boolean resting;
        long sentAt;

        Entry(String op, JsonObject args, boolean repeat) {
            this.op = op;
            this.args = args;
            this.repeat = repeat;
        }

        boolean isPublish() {
            return op.equals("publish");
        }
    }

    private final Vertx vertx;
    private final List<Entry> entries = new ArrayList<>();
    private @Nullable Link link;
    private @Nullable HubException closed;

    Outbox(Vertx vertx) {
        this.vertx = vertx;
    }

    Future<JsonObject> add(String op, JsonObject args, boolean repeat) {
        if (closed != null) {
            return Future.failedFuture(closed);
        }
        if (usable() == null && entries.size() >= KEPT) {
            String text = KEPT + " requests wait for a connection already";
            return Future.failedFuture(new HubException(503, "queue_full", text));
        }
        Entry entry = new Entry(op, args, repeat);
        entries.add(entry);
        pump();
        return entry.answer.future();
    }

    /** The link that takes requests from now on. */
    void use(Link serving) {
        link = serving;
        pump();
    }

    void close(HubException error) {
        closed = error;
        List<Entry> left = List.copyOf(entries);
        entries.clear();
        left.forEach(entry -> entry.answer.fail(error));
    }

    private @Nullable Link usable() {
        Link serving = link;
        return serving == null || serving.isClosed() ? null : serving;
    }

    private void pump() {
        Link serving = usable();
        if (serving == null) {
            return;
        }
        boolean mayPublish = true;
        for (Entry entry : List.copyOf(entries)) {
            boolean free = entry.link == null && !entry.resting;
            if (free && (mayPublish || !entry.isPublish())) {
                send(entry, serving);
            }
            // What has still to be answered elsewhere, or rests, must not be overtaken.
            if (entry.isPublish() && (entry.link != serving || !serving.pipelines())) {
                mayPublish = false;
            }
        }
    }

    private void send(Entry entry, Link serving) {
        entry.link = serving;
        entry.attempts++;
        entry.sentAt = entry.sentAt == 0 ? Timing.now() : entry.sentAt;
        serving.request(entry.op, entry.args)
                .onSuccess(answer -> settle(entry, () -> entry.answer.complete(answer)))
                .onFailure(failure -> failed(entry, HubException.of(failure)));
    }

    private void failed(Entry entry, HubException error) {
        if (!entries.contains(entry)) {
            return;
        }
        if (!entry.repeat || !isPassing(error, entry.attempts)) {
            settle(entry, () -> entry.answer.fail(error));
            return;
        }
        if (entry.isPublish() && Timing.now() - entry.sentAt > Timing.REPEAT_WITHIN) {
            String text = "no answer for 90 s: the message may have been published";
            settle(entry, () -> entry.answer.fail(new HubException(0, "unanswered", text)));
            return;
        }
        boolean abandoned = usable() == null || entry.link != link;
        entry.link = null;
        if (abandoned) {
            pump();
        } else {
            rest(entry, error.retryAfterMs());
        }
    }

    /** A broken connection passes; a hub that is unavailable may, so it is asked three times. */
    private static boolean isPassing(HubException error, int attempts) {
        return error.status() == 0
                || (UNAVAILABLE.contains(error.status()) && attempts < MOST_ATTEMPTS);
    }

    private void rest(Entry entry, long retryAfterMs) {
        entry.resting = true;
        long wait = Timing.Backoff.RECONNECT.wait(entry.attempts - 1);
        vertx.setTimer(
                Math.max(1, retryAfterMs + wait),
                unused -> {
                    entry.resting = false;
                    pump();
                });
    }

    private void settle(Entry entry, Runnable answer) {
        if (entries.remove(entry)) {
            answer.run();
            pump();
        }
    }
}
