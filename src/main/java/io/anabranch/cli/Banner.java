package io.anabranch.cli;

import io.anabranch.auth.Algorithm;
import io.anabranch.auth.Grants;
import io.anabranch.auth.TokenIssuer;
import io.anabranch.config.Config;
import java.time.Duration;
import java.util.List;

/** What development mode prints at the start: the address, a token, and lines to try. */
final class Banner {
    private static final Duration TOKEN_TTL = Duration.ofDays(1);
    private static final String USER = "developer";
    private static final List<String> ALL = List.of("*");

    private Banner() {}

    static String of(Config config, int port) {
        String address = HubOptions.address(config.http(), port);
        StringBuilder text = new StringBuilder();
        text.append("\n  Anabranch runs in development mode: ").append(address).append("/\n");
        boolean signs =
                config.auth().keys().stream().anyMatch(key -> key.algorithm() == Algorithm.HS256);
        if (signs) {
            text.append(lines(address, token(config)));
        }
        return text.toString();
    }

    private static String token(Config config) {
        Grants everything = new Grants(ALL, ALL, ALL, ALL, true);
        return new TokenIssuer(config.auth()).issue(USER, everything, TOKEN_TTL);
    }

    private static String lines(String address, String token) {
        return """

          A token for everything, good for a day:

          export ANABRANCH_TOKEN=%2$s

          Follow a channel, and publish on it from another terminal:

          curl -N -H "Authorization: Bearer $ANABRANCH_TOKEN" '%1$s/sse?channel=chat:lobby'
          curl -H "Authorization: Bearer $ANABRANCH_TOKEN" -H 'Content-Type: application/json' \\
            -d '{"text":"hi"}' %1$s/api/v1/channels/chat:lobby/messages
        """
                .formatted(address, token);
    }
}
