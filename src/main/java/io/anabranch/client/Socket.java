package io.anabranch.client;

import static io.anabranch.client.Ids.isLater;

import io.anabranch.message.MessageId;
import io.vertx.core.http.ClientWebSocket;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocketConnectOptions;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket: a {@code subscribe} frame for each subscription, requests and answers by {@code
 * ref}. None of its subscriptions overlap: a frame does not tell by which of them it came, and
 * one's replay must not run ahead of another's.
 */
final class Socket extends Wire {
    private static final String PROTOCOL = "anabranch.v1";

    /** A subscription here, and how much of its replay is still to come. */
    private static final class Carried {
        int conflate;
        @Nullable MessageId head;
        int left;

        boolean isBehind() {
            return head == null || left > 0;
        }
    }

    private record Pending(Consumer<JsonObject> answered, Consumer<HubException> failed) {}

    private final WebSocketLink link;
    private final ClientWebSocket socket;
    private final Map<Integer, Pending> pending = new HashMap<>();
    private final Map<Subscription, Carried> carried = new LinkedHashMap<>();

    /** What is to be said when it is open; null when it is. */
    private @Nullable List<String> unsent = new ArrayList<>();

    private long deadline;
    private boolean closed;
    private int lastRef;

    Socket(WebSocketLink link) {
        this.link = link;
        this.socket = link.context.webSockets().webSocket();
    }

    void open() {
        LinkContext context = link.context;
        deadline =
                context.vertx()
                        .setTimer(Timing.OPEN_WITHIN, unused -> link.fail(link.late(isOpen())));
        String base = context.base().toString().replaceFirst("^http", "ws");
        var options = new WebSocketConnectOptions();
        options.setAbsoluteURI(base + "ws?client=" + context.client());
        options.addSubProtocol(PROTOCOL);
        if (link.token != null) {
            options.addSubProtocol("bearer." + link.token);
        }
        socket.textMessageHandler(this::take);
        socket.closeHandler(unused -> link.fail(ending()));
        // The end of the connection is told to the handler above.
        socket.exceptionHandler(unused -> {});
        socket.connect(options)
                .onSuccess(unused -> opened())
                .onFailure(failure -> link.fail(refused(failure)));
    }

    private boolean isOpen() {
        return unsent == null;
    }

    private void opened() {
        if (closed) {
            socket.close();
            return;
        }
        List<String> waiting = unsent == null ? List.of() : unsent;
        unsent = null;
        waiting.forEach(this::write);
    }

    private HubException ending() {
        Short code = socket.closeStatusCode();
        String reason = socket.closeReason();
        return HubException.closing(code == null ? 1006 : code, reason == null ? "" : reason, 0);
    }

    private static HubException refused(Throwable failure) {
        if (failure instanceof UpgradeRejectedException rejected) {
            String retryAfter = rejected.getHeaders().get("Retry-After");
            long wait = Rest.retryAfterMs(retryAfter);
            return HubException.refusal(rejected.getStatus(), new JsonObject(), wait);
        }
        return HubException.of(failure);
    }

    @Override
    void close() {
        if (closed) {
            return;
        }
        closed = true;
        link.context.vertx().cancelTimer(deadline);
        if (isOpen()) {
            socket.close();
        }
        List<Pending> left = List.copyOf(pending.values());
        pending.clear();
        HubException error = HubException.disconnected("the WebSocket was closed");
        left.forEach(each -> each.failed().accept(error));
    }

    // ---- what is said

    private void send(JsonObject frame) {
        if (unsent != null) {
            unsent.add(frame.encode());
        } else {
            write(frame.encode());
        }
    }

    private void write(String text) {
        socket.writeTextMessage(text).onFailure(failure -> link.fail(HubException.of(failure)));
    }

    /** Any frame that follows is an answer. */
    void ping() {
        send(new JsonObject().put("type", "ping").put("ref", ++lastRef));
    }

    /** Sends a request. The answer is handled before the next frame is looked at. */
    void ask(
            String type,
            JsonObject args,
            Consumer<JsonObject> answered,
            Consumer<HubException> failed) {
        int ref = ++lastRef;
        pending.put(ref, new Pending(answered, failed));
        send(new JsonObject().put("type", type).put("ref", ref).mergeIn(args));
    }

    // ---- subscriptions

    Set<Subscription> subscriptions() {
        return carried.keySet();
    }

    boolean isBehind() {
        return carried.values().stream().anyMatch(Carried::isBehind);
    }

    boolean hasRoomFor(Subscription subscription) {
        return carried.keySet().stream().noneMatch(subscription::overlaps);
    }

    /** Gives up what is not wanted any more, and follows changes of the rest. */
    void sync(Set<Subscription> wanted) {
        for (var each : Map.copyOf(carried).entrySet()) {
            Subscription subscription = each.getKey();
            JsonObject args = new JsonObject().put("channel", subscription.channel());
            if (!wanted.contains(subscription)) {
                carried.remove(subscription);
                ask("unsubscribe", args, unused -> {}, this::report);
            } else if (each.getValue().conflate != subscription.conflate()) {
                // Without a position the hub goes on where the subscription is.
                each.getValue().conflate = subscription.conflate();
                args.put("conflate", subscription.conflate());
                ask("subscribe", args, unused -> {}, this::report);
            }
        }
    }

    void subscribe(Subscription subscription) {
        Carried here = new Carried();
        here.conflate = subscription.conflate();
        carried.put(subscription, here);
        JsonObject args =
                subscription
                        .position()
                        .put("channel", subscription.channel())
                        .put("conflate", here.conflate);
        ask(
                "subscribe",
                args,
                ok -> {
                    MessageId head = Ids.required(ok, "cursor");
                    here.head = head;
                    here.left = ok.getInteger("replayed");
                    subscription.begin(head, here.left);
                    link.checkCaughtUp();
                },
                error -> notSubscribed(subscription, error));
    }

    private void notSubscribed(Subscription subscription, HubException error) {
        if (link.isClosed()) {
            return;
        }
        if (link.refuses(error)) {
            carried.remove(subscription);
            link.context.refuse(subscription, error);
            link.checkCaughtUp();
        } else {
            link.fail(error);
        }
    }

    private void report(HubException error) {
        if (!link.isClosed()) {
            link.context.report(error);
        }
    }

    // ---- what is heard

    private void take(String text) {
        if (closed) {
            return;
        }
        link.hear(this);
        JsonObject frame = new JsonObject(text);
        switch (frame.getString("type")) {
            case "ready" -> {
                link.context.vertx().cancelTimer(deadline);
                ready = true;
                link.socketReady(frame);
            }
            case "ok", "error" -> answer(frame);
            case "message", "gap" -> hand(frame);
            case "heartbeat" -> mark(Ids.required(frame, "cursor"));
            case "join", "leave" -> link.context.presence(link, frame);
            case "close" -> link.fail(closing(frame));
            default -> {
                // A later hub may say more.
            }
        }
    }

    static HubException closing(JsonObject frame) {
        String reason = frame.getString("reason", "");
        return HubException.closing(
                frame.getInteger("code"), reason, frame.getLong("retryAfter", 0L));
    }

    private void answer(JsonObject frame) {
        Integer ref = frame.getInteger("ref");
        Pending asked = ref == null ? null : pending.remove(ref);
        boolean ok = frame.getString("type").equals("ok");
        if (ok && asked != null) {
            asked.answered().accept(frame);
        } else if (!ok) {
            long wait = frame.getLong("retryAfter", 0L);
            HubException error = HubException.refusal(frame.getInteger("status"), frame, wait);
            if (asked != null) {
                asked.failed().accept(error);
            } else {
                report(error);
            }
        }
    }

    private void hand(JsonObject frame) {
        boolean message = frame.getString("type").equals("message");
        for (var each : Map.copyOf(carried).entrySet()) {
            if (each.getKey().matches(frame.getString("channel"))) {
                each.getKey().take(frame);
                each.getValue().left -= message ? 1 : 0;
            }
        }
        link.checkCaughtUp();
    }

    private void mark(MessageId cursor) {
        carried.forEach(
                (subscription, here) -> {
                    if (here.head != null) {
                        subscription.mark(cursor);
                        here.left = isLater(here.head, cursor) ? here.left : 0;
                    }
                });
        link.checkCaughtUp();
    }
}
