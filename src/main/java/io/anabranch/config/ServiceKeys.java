package io.anabranch.config;

import static io.anabranch.config.Schema.Key.NOT_SET;
import static io.anabranch.config.ValueType.channelPattern;
import static io.anabranch.config.ValueType.cookieName;
import static io.anabranch.config.ValueType.duration;
import static io.anabranch.config.ValueType.flag;
import static io.anabranch.config.ValueType.integer;
import static io.anabranch.config.ValueType.listOf;
import static io.anabranch.config.ValueType.oneOf;
import static io.anabranch.config.ValueType.section;
import static io.anabranch.config.ValueType.text;

import io.anabranch.config.Schema.Key;
import java.util.List;

/**
 * What the configuration says of all beside the messages: {@code services}, {@code protocols},
 * {@code logging}, {@code verticles} and {@code development}.
 */
final class ServiceKeys {
    static final List<Key> ALL =
            List.of(
                    new Key(
                            "services.timeout",
                            duration("1ms", "1h"),
                            "25s",
                            "How long a verticle may take to answer a client's call."),
                    new Key(
                            "protocols.mercure.enabled",
                            flag(),
                            false,
                            "Whether the hub speaks Mercure, at /.well-known/mercure."),
                    new Key(
                            "protocols.mercure.open",
                            listOf(channelPattern()),
                            List.of(),
                            "Channels whose public updates everybody with a token may have by"
                                    + " Mercure; others need a permission or the claim."),
                    new Key(
                            "protocols.mercure.cookie",
                            cookieName(),
                            "mercureAuthorization",
                            "The cookie that may carry a token there."),
                    new Key(
                            "protocols.mercure.subscriptions",
                            flag(),
                            false,
                            "Whether subscriptions are listed, and their begin and end are"
                                    + " published."),
                    new Key(
                            "protocols.eventBusBridge.enabled",
                            flag(),
                            false,
                            "Whether the hub speaks to clients of the Vert.x event bus bridge."),
                    new Key(
                            "protocols.eventBusBridge.path",
                            text("a path such as /eventbus"),
                            "/eventbus",
                            "Where they connect by SockJS; the raw WebSocket is below it."),
                    new Key(
                            "logging.format",
                            oneOf("text", "json"),
                            "text",
                            "How the lines look that the hub writes to standard error."),
                    new Key(
                            "verticles[].name",
                            text("a file such as bots/greeter.js, or the name of a class"),
                            NOT_SET,
                            "What is deployed beside the hub. Required; where nothing else is set,"
                                    + " it may stand alone."),
                    new Key(
                            "verticles[].otherwise",
                            text("a file such as bots/greeter.js"),
                            NOT_SET,
                            "What is deployed in its place where its language is not installed."),
                    new Key(
                            "verticles[].required",
                            flag(),
                            false,
                            "Whether the hub does not start without it."),
                    new Key(
                            "verticles[].config",
                            section(),
                            NOT_SET,
                            "What the verticle finds as its configuration."),
                    new Key(
                            "verticles[].limits.time",
                            duration("10ms", "10m"),
                            "5s",
                            "How long one call of a script may take before it is stopped."),
                    new Key(
                            "verticles[].limits.statements",
                            integer(0, Integer.MAX_VALUE),
                            0,
                            "How many statements one call of a script may execute, not in Groovy;"
                                    + " 0 for any number."),
                    new Key(
                            "development",
                            flag(),
                            false,
                            "On loopback only: demo pages, a generated key, a token at the start."));

    private ServiceKeys() {}
}
