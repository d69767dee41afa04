package io.anabranch.client;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.util.Set;

/** What a link needs of its client. */
interface LinkContext {
    Vertx vertx();

    /** Ends with a slash. */
    URI base();

    String client();

    HttpClient http();

    WebSocketClient webSockets();

    TokenSource tokens();

    Rest rest();

    /** In the order in which they were made. */
    Set<Subscription> subscriptions();

    void presence(Link link, JsonObject frame);

    void expires(Link link);

    void refuse(Subscription subscription, HubException error);

    void report(Throwable failure);

    void reopen(Link link);
}
