package io.anabranch.bench;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Base64;
import java.util.SplittableRandom;

/** The requests that open the readers' connections. */
final class Requests {
    private static final int KEY_BYTES = 16;

    private final Target target;
    private final Settings settings;
    private final SplittableRandom random;

    Requests(Target target, Settings settings, SplittableRandom random) {
        this.target = target;
        this.settings = settings;
        this.random = random;
    }

    byte[] open(int reader, Transport transport) {
        String query =
                "?channel="
                        + Target.encoded(settings.subscribedBy(reader))
                        + (settings.conflateMs() > 0 ? "&conflate=" + settings.conflateMs() : "");
        String request =
                switch (transport) {
                    case SSE ->
                            head("/sse" + query + "&envelope=true")
                                    + "Accept: text/event-stream\r\n\r\n";
                    case WEBSOCKET -> head("/ws" + query) + upgrade() + "\r\n";
                };
        return request.getBytes(US_ASCII);
    }

    private String head(String path) {
        return "GET "
                + target.path(path)
                + " HTTP/1.1\r\nHost: "
                + target.base().getRawAuthority()
                + "\r\nUser-Agent: anabranch-bench\r\nAuthorization: "
                + target.bearer()
                + "\r\n";
    }

    /** RFC 6455 §4.1. */
    private String upgrade() {
        byte[] key = new byte[KEY_BYTES];
        random.nextBytes(key);
        return "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                + "Sec-WebSocket-Protocol: anabranch.v1\r\nSec-WebSocket-Key: "
                + Base64.getEncoder().encodeToString(key)
                + "\r\n";
    }
}
