package io.anabranch.client;

import io.anabranch.message.MessageId;
import io.vertx.core.Future;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.JsonObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One {@code GET /sse}: subscriptions of one conflation that begin at comparable positions. */
final class SseStream extends Wire {
    private final SseLink link;
    private final List<Subscription> subscriptions;
    private final int conflate;
    private @Nullable HttpClientRequest request;
    private long deadline;
    private boolean answered;
    private boolean closed;

    SseStream(SseLink link, List<Subscription> subscriptions) {
        this.link = link;
        this.subscriptions = subscriptions;
        this.conflate = subscriptions.get(0).conflate();
    }

    boolean carries(Subscription subscription) {
        return subscription.conflate() == conflate && subscriptions.contains(subscription);
    }

    boolean isWanted() {
        return subscriptions.stream()
                .anyMatch(each -> link.context.subscriptions().contains(each) && carries(each));
    }

    void open() {
        deadline =
                link.context
                        .vertx()
                        .setTimer(Timing.OPEN_WITHIN, unused -> link.fail(link.late(answered)));
        RequestOptions options =
                new RequestOptions().setAbsoluteURI(uri()).putHeader("Accept", "text/event-stream");
        link.context
                .http()
                .request(Rest.authorized(options, link.token))
                .compose(this::send)
                .onFailure(failure -> down(HubException.of(failure)));
    }

    private String uri() {
        StringBuilder uri = new StringBuilder(link.context.base() + "sse?envelope=true");
        uri.append("&client=").append(link.context.client());
        subscriptions.stream()
                .map(Subscription::channel)
                .distinct()
                .forEach(name -> uri.append("&channel=").append(Rest.encode(name)));
        // The oldest of the cursors (repeats are removed), or what all of them asked for at first.
        List<MessageId> cursors =
                subscriptions.stream().flatMap(each -> each.cursor().stream()).toList();
        JsonObject where =
                cursors.isEmpty()
                        ? subscriptions.get(0).position()
                        : new JsonObject().put("after", Ids.earliest(cursors).toString());
        where.forEach(
                each -> uri.append('&').append(each.getKey()).append('=').append(each.getValue()));
        if (conflate > 0) {
            uri.append("&conflate=").append(conflate);
        }
        return uri.toString();
    }

    private Future<Void> send(HttpClientRequest sent) {
        request = sent;
        // What fails is told by the futures below; without a handler it is logged besides.
        sent.exceptionHandler(unused -> {});
        if (closed) {
            abort(sent);
            return Future.succeededFuture();
        }
        return sent.send().compose(this::read);
    }

    private Future<Void> read(HttpClientResponse response) {
        if (response.statusCode() == 204) {
            String text = "the hub has ended this stream for good";
            return Future.failedFuture(new HubException(204, "ended", text));
        }
        if (response.statusCode() != 200) {
            return Rest.problem(response).compose(Future::failedFuture);
        }
        answered = true;
        EventParser parser = new EventParser(this::take);
        response.handler(
                chunk -> {
                    if (!closed) {
                        link.hear(this);
                        parser.push(chunk);
                    }
                });
        return response.end()
                .compose(
                        unused ->
                                Future.failedFuture(
                                        HubException.disconnected("the SSE stream ended")));
    }

    private void down(HubException error) {
        if (!closed) {
            close();
            link.streamDown(this, subscriptions, error);
        }
    }

    @Override
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        link.context.vertx().cancelTimer(deadline);
        HttpClientRequest sent = request;
        if (sent != null) {
            abort(sent);
        }
    }

    /** Its end is no news: whoever reads it has gone. */
    private static void abort(HttpClientRequest sent) {
        Future<Void> unused = sent.reset().otherwiseEmpty();
    }

    private void take(String id, String data) {
        if (closed) {
            return;
        }
        if (data.isEmpty()) {
            mark(id);
            return;
        }
        JsonObject frame = new JsonObject(data);
        switch (frame.getString("type")) {
            case "ready" -> welcome(frame);
            case "message", "gap" -> hand(frame);
            case "join", "leave" -> link.context.presence(link, frame);
            case "close" -> down(Socket.closing(frame));
            default -> {
                // A later hub may say more.
            }
        }
    }

    private void welcome(JsonObject frame) {
        link.context.vertx().cancelTimer(deadline);
        ready = true;
        String first = subscriptions.get(0).channel();
        boolean alone =
                !first.endsWith("*")
                        && subscriptions.stream().allMatch(each -> each.channel().equals(first));
        MessageId cursor = Ids.required(frame, "cursor");
        subscriptions.forEach(each -> each.beginStream(cursor, alone));
        link.welcome(frame);
        link.checkReady();
    }

    private void hand(JsonObject frame) {
        String channel = frame.getString("channel");
        subscriptions.stream()
                .filter(each -> carries(each) && each.matches(channel))
                .forEach(each -> each.take(frame));
    }

    /** An id without data is a heartbeat; before {@code ready} it says where the stream begins. */
    private void mark(String id) {
        if (ready) {
            MessageId cursor = Ids.parse(id);
            subscriptions.stream().filter(this::carries).forEach(each -> each.mark(cursor));
        }
    }
}
