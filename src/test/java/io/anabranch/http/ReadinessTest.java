package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.anabranch.auth.Algorithm;
import io.anabranch.auth.JwksEndpoint;
import io.anabranch.auth.TestKey;
import io.anabranch.testing.Raw;
import io.anabranch.testing.Raw.Answer;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A hub whose only keys are an issuer's starts without them, and says that it waits. */
class ReadinessTest {
    private final JwksEndpoint issuer = new JwksEndpoint().answer(503, "");
    private final TestKey key = TestKey.generate(Algorithm.ES256);
    private final TestHub hub =
            new TestHub().jwks(issuer.url()).anonymous(List.of("open"), List.of());

    @AfterEach
    void stop() throws Exception {
        hub.stop();
        issuer.close();
    }

    @Test
    void isSaidWhenTokensCanBeVerified() throws Exception {
        hub.start();

        Answer waiting = Raw.send(hub, "GET", "/health/ready");
        assertThat(waiting.status()).isEqualTo(503);
        assertThat(waiting.body()).contains("auth.jwks: the issuer's keys could not be read yet");
        assertThat(Raw.send(hub, "GET", "/health/live").status()).isEqualTo(200);
        Answer later = history("chat:a");
        assertThat(later.status()).isEqualTo(503);
        assertThat(later.header("Retry-After")).isNotEmpty();
        try (WsClient socket = new WsClient(hub, "/ws", key.token("1"))) {
            assertThat(socket.next("close").getInteger("code")).isEqualTo(4503);
        }
        assertThat(Raw.send(hub, "GET", "/api/v1/channels/open/messages").status()).isEqualTo(200);

        issuer.publish(key.jwk("1"));
        await().until(() -> Raw.send(hub, "GET", "/health/ready").status() == 200);
        assertThat(history("chat:a").status()).isEqualTo(403);
    }

    private Answer history(String channel) throws Exception {
        String path = "/api/v1/channels/" + channel + "/messages";
        return Raw.send(hub, "GET", path, "Authorization: Bearer " + key.token("1"));
    }
}
