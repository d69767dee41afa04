package io.anabranch.adapter;

import io.anabranch.auth.Principal;
import io.anabranch.log.Appended;
import io.anabranch.message.Channel;
import io.anabranch.message.JsonValue;
import io.vertx.core.Future;
import io.vertx.core.json.JsonObject;

/**
 * A connection of another protocol that reads and writes, as long as it lasts. What is not allowed,
 * or beyond a limit, fails with a {@link io.anabranch.message.Refusal}. For its event loop alone.
 */
public interface Connection {
    /**
     * Reads a channel.
     *
     * @param options {@code after}, {@code last} and {@code conflate} of the protocol, section 5
     */
    Future<?> subscribe(Channel channel, JsonObject options);

    void unsubscribe(Channel channel);

    Future<Appended> publish(Channel channel, JsonValue data);

    /** Asks a service; see the protocol, section 5: {@code {"data"}}. */
    Future<JsonObject> call(String service, JsonValue data);

    /**
     * Goes on with a newer token.
     *
     * @throws io.anabranch.message.Refusal {@code forbidden} for one of another user
     */
    void renew(Principal renewed);

    /** To be called when its sink takes more again. */
    void writable();

    /** To be called when the other end has closed it. */
    void closed();
}
