package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.message.Limit;
import io.anabranch.testing.Raw;
import io.anabranch.testing.TestHub;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose address counts, told by the refusal that names it. */
class AddressesTest {
    private final TestHub hub =
            new TestHub()
                    .anonymous(List.of("*"), List.of())
                    .limit(Limit.CONNECTIONS_PER_ADDRESS, 0);

    @AfterEach
    void stop() throws Exception {
        hub.stop();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // Nobody is trusted: what headers say is made up.
                "192.0.2.0/24 | X-Forwarded-For: 203.0.113.7 | 127.0.0.1",
                "127.0.0.1 | X-Forwarded-For: 203.0.113.7 | 203.0.113.7",
                "127.0.0.0/8 | X-Forwarded-For: 198.51.100.1, 203.0.113.7 | 203.0.113.7",
                "127.0.0.0/8 | X-Forwarded-For: 203.0.113.7, 127.0.0.2 | 203.0.113.7",
                "127.0.0.0/8 | X-Forwarded-For: unknown | 127.0.0.1",
                "127.0.0.0/8 | X-Forwarded-For: 203.0.113.7, nonsense | 127.0.0.1",
                "127.0.0.0/8 | Forwarded: for=203.0.113.7;proto=https | 203.0.113.7",
                "127.0.0.0/8 | Forwarded: for=1.2.3.4, for=203.0.113.7 | 203.0.113.7",
                "127.0.0.0/8 | Forwarded: for=\"[2001:db8::17]:4711\" | 2001:db8::",
                "127.0.0.0/8 | X-Forwarded-For: 2001:db8:1:2:3:4:5:6 | 2001:db8:1:2::"
            })
    void isTheNearestThatIsNoTrustedProxys(String trusted, String header, String address)
            throws Exception {
        hub.trustedProxies(trusted).start();

        Raw.Answer answer = Raw.send(hub, "GET", "/sse?channel=a", header);

        assertThat(answer.status()).isEqualTo(429);
        assertThat(answer.body()).contains("no more for the address " + address);
    }
}
