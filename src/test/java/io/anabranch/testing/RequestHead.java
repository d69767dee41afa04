package io.anabranch.testing;

import io.anabranch.testing.FaultProxy.Kind;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The head of an HTTP/1.1 request, as far as a {@link FaultProxy} tells connections apart by it.
 *
 * @param client the {@code client} of its query, which a WebSocket and an event stream have; empty
 *     where there is none
 * @param bodyBytes how many bytes follow before the next head, or {@link #OPEN} when all that
 *     follows belongs to it
 */
record RequestHead(Kind kind, String client, long bodyBytes) {
    static final long OPEN = Long.MAX_VALUE;

    private static final Pattern CLIENT = Pattern.compile("[?&]client=([^& ]*)");
    private static final Pattern LENGTH = Pattern.compile("(?im)^content-length: *(\\d+)");
    private static final Pattern CHUNKED = Pattern.compile("(?im)^transfer-encoding:");
    private static final Pattern UPGRADE = Pattern.compile("(?im)^upgrade: *websocket");
    private static final Pattern UPGRADE_HEADERS =
            Pattern.compile("(?im)^(upgrade:.*|connection:.*upgrade.*)\r\n");

    static RequestHead parse(String head) {
        String target = head.split(" ", 3)[1];
        Matcher client = CLIENT.matcher(target);
        Kind kind = kind(head, target);
        return new RequestHead(kind, client.find() ? client.group(1) : "", bodyBytes(head, kind));
    }

    private static Kind kind(String head, String target) {
        if (UPGRADE.matcher(head).find()) {
            return Kind.WEBSOCKET;
        }
        boolean stream =
                target.startsWith("/sse")
                        || head.toLowerCase(Locale.ROOT).contains("text/event-stream");
        return stream ? Kind.SSE : Kind.REST;
    }

    private static long bodyBytes(String head, Kind kind) {
        if (kind == Kind.WEBSOCKET || CHUNKED.matcher(head).find()) {
            return OPEN;
        }
        Matcher length = LENGTH.matcher(head);
        return length.find() ? Long.parseLong(length.group(1)) : 0;
    }

    /** The same head from somebody who knows no WebSocket. */
    static String withoutUpgrade(String head) {
        return UPGRADE_HEADERS.matcher(head).replaceAll("");
    }
}
