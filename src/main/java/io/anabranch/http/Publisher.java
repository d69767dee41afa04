package io.anabranch.http;

import io.anabranch.auth.Principal;
import io.anabranch.hub.Hub;
import io.anabranch.log.Appended;
import io.anabranch.log.Draft;
import io.anabranch.message.Channel;
import io.anabranch.message.EventName;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Refusal;
import io.anabranch.metrics.Refusals;
import io.vertx.core.Future;
import org.jspecify.annotations.Nullable;

/** The one door to the log for clients: permission, size, grammar, whatever the transport was. */
final class Publisher {
    private final Hub hub;
    private final int maxDataBytes;
    private final PublishRates rates;
    private final Refusals refusals;

    /**
     * Who publishes.
     *
     * @param rate of this connection; null where one connection is one message
     */
    record Sender(Principal principal, String address, @Nullable TokenBucket rate) {}

    /**
     * @param maxDataBytes how large a message's {@code data} may be, in bytes
     */
    Publisher(Hub hub, int maxDataBytes, PublishRates rates, Refusals refusals) {
        this.hub = hub;
        this.maxDataBytes = maxDataBytes;
        this.rates = rates;
        this.refusals = refusals;
    }

    PublishRates rates() {
        return rates;
    }

    /**
     * Publishes a frame or a batch's item: {@code channel}, {@code event}, {@code data}, {@code
     * dedup}. The answer may come on a thread of the log's.
     */
    Future<Appended> publish(Sender sender, Members item) {
        try {
            rates.require(sender.principal(), sender.address(), sender.rate());
            return publishAdmitted(sender.principal(), item);
        } catch (Refusal refusal) {
            return refused(refusal);
        }
    }

    /** The same for what {@link PublishRates#take} has let pass. */
    Future<Appended> publishAdmitted(Principal principal, Members item) {
        try {
            Channel channel = SubscribeRequest.channel(item.text("channel"));
            JsonValue data = item.value("data");
            if (data == null) {
                throw Refusal.badRequest("data: missing (expected: any JSON value)");
            }
            return append(principal, channel, item.text("event"), data, item.text("dedup"));
        } catch (RuntimeException | OutOfMemoryError e) {
            return refused(e);
        }
    }

    Future<Appended> publish(
            Sender sender,
            Channel channel,
            @Nullable String event,
            JsonValue data,
            @Nullable String dedup) {
        try {
            rates.require(sender.principal(), sender.address(), sender.rate());
            return append(sender.principal(), channel, event, data, dedup);
        } catch (Refusal refusal) {
            return refused(refusal);
        }
    }

    private Future<Appended> append(
            Principal principal,
            Channel channel,
            @Nullable String event,
            JsonValue data,
            @Nullable String dedup) {
        try {
            Access.requirePublish(principal, channel);
            Values.requireAtMost(maxDataBytes, data);
            String name = event == null ? EventName.DEFAULT : event;
            return hub.publish(new Draft(channel, name, data, principal.user(), dedup))
                    .onFailure(this::count);
        } catch (RuntimeException | OutOfMemoryError e) {
            return refused(e);
        }
    }

    private void count(Throwable failure) {
        refusals.publishRefused(
                failure instanceof Refusal refusal
                        ? refusal
                        : new Refusal(Refusal.Reason.INTERNAL, "the log failed"));
    }

    private Future<Appended> refused(Throwable failure) {
        count(failure);
        return Future.failedFuture(failure);
    }
}
