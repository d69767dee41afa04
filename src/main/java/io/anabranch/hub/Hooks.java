package io.anabranch.hub;

import io.anabranch.log.Draft;
import io.anabranch.message.Channel;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.DeliveryOptions;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.EncodeException;
import io.vertx.core.json.Json;
import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Asks a verticle before a message is published where the configuration says so (protocol, section
 * 8): it accepts the message, puts another in its place, or refuses it. By any thread.
 */
public final class Hooks {
    private final Vertx vertx;
    private final Function<Channel, Optional<Hook>> hooks;
    private final AtomicLongArray outcomes = new AtomicLongArray(Outcome.values().length);

    /**
     * One channel's.
     *
     * @param address of the verticle on the event bus
     * @param timeoutMs how long it may take to answer, in ms
     */
    public record Hook(String address, long timeoutMs) {}

    /** What became of a message that was asked about. */
    public enum Outcome {
        ACCEPTED,
        CHANGED,
        REFUSED,
        /** Nobody answered, or not in time. */
        UNAVAILABLE
    }

    /**
     * @param hooks which channels have one
     */
    public Hooks(Vertx vertx, Function<Channel, Optional<Hook>> hooks) {
        this.vertx = vertx;
        this.hooks = hooks;
    }

    /** How often a message came to that, so far. */
    public long total(Outcome outcome) {
        return outcomes.get(outcome.ordinal());
    }

    /**
     * The message that is to be published: the same one where the channel has no hook. Fails with
     * the status of the verticle's failure, {@code unprocessable} where that is no 4xx, and {@code
     * unavailable} where nobody answers in time.
     */
    Future<Draft> ask(Draft draft) {
        Optional<Hook> hook = hooks.apply(draft.channel());
        return hook.isEmpty() ? Future.succeededFuture(draft) : ask(hook.get(), draft);
    }

    private Future<Draft> ask(Hook hook, Draft draft) {
        JsonObject question;
        try {
            question = question(draft);
        } catch (DecodeException e) {
            return Future.failedFuture(Refusal.badRequest("data: " + e.getMessage()));
        }
        DeliveryOptions options = new DeliveryOptions().setSendTimeout(hook.timeoutMs());
        return vertx.eventBus()
                .<Object>request(hook.address(), question, options)
                .recover(failure -> Future.failedFuture(refused(hook, failure)))
                .map(reply -> answered(hook, draft, reply.body()));
    }

    private static JsonObject question(Draft draft) {
        JsonObject question =
                new JsonObject()
                        .put("channel", draft.channel().name())
                        .put("event", draft.event())
                        .put("data", Json.decodeValue(draft.data().toString()));
        String user = draft.user();
        return user == null ? question : question.put("user", user);
    }

    private Draft answered(Hook hook, Draft draft, @Nullable Object answer) {
        if (answer == null || answer instanceof JsonObject empty && empty.isEmpty()) {
            count(Outcome.ACCEPTED);
            return draft;
        }
        try {
            if (!(answer instanceof JsonObject message)) {
                throw new EncodeException("neither empty nor an object {data, event}");
            }
            Draft changed = changed(draft, message);
            count(Outcome.CHANGED);
            return changed;
        } catch (EncodeException | ClassCastException | Refusal e) {
            count(Outcome.UNAVAILABLE);
            throw new Refusal(
                    Reason.UNAVAILABLE,
                    "before: the answer of " + hook.address() + " is no message");
        }
    }

    /** What the answer leaves out stays as it was. */
    private static Draft changed(Draft draft, JsonObject message) {
        String event = message.getString("event");
        return new Draft(
                draft.channel(),
                event == null ? draft.event() : event,
                message.containsKey("data")
                        ? JsonValue.parse(Json.encode(message.getValue("data")))
                        : draft.data(),
                draft.user(),
                draft.dedup());
    }

    private Throwable refused(Hook hook, Throwable failure) {
        if (!(failure instanceof ReplyException reply)) {
            return failure;
        }
        return switch (reply.failureType()) {
            case RECIPIENT_FAILURE -> {
                count(Outcome.REFUSED);
                int code = reply.failureCode();
                String text = reply.getMessage();
                yield Refusal.ofStatus(
                        code >= 400 && code <= 499 ? code : Reason.UNPROCESSABLE.status(),
                        text == null || text.isEmpty() ? "refused" : text);
            }
            case NO_HANDLERS -> unavailable("nobody answers at " + hook.address());
            case TIMEOUT ->
                    unavailable(hook.address() + " gave no answer in " + hook.timeoutMs() + " ms");
            case ERROR -> failure;
        };
    }

    private Refusal unavailable(String reason) {
        count(Outcome.UNAVAILABLE);
        return new Refusal(Reason.UNAVAILABLE, "before: " + reason + "; nothing is published");
    }

    private void count(Outcome outcome) {
        outcomes.incrementAndGet(outcome.ordinal());
    }
}
