package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.auth.Grants;
import io.anabranch.auth.Principal;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class PublishRatesTest {
    private static final Principal NOBODY = principal(null);

    private final AtomicLong now = new AtomicLong();
    private final PublishRates rates = new PublishRates(1, 1, now::get);

    @Test
    void keepAUserApartFromAnAddressOfThatName() {
        Principal user = principal("10.0.0.1");

        assertThat(rates.take(user, "10.0.0.2", null)).isZero();
        assertThat(rates.take(NOBODY, "10.0.0.1", null)).isZero();
        assertThat(rates.take(user, "10.0.0.3", null)).isPositive();
        assertThat(rates.take(NOBODY, "10.0.0.1", null)).isPositive();
    }

    @Test
    void countForThoseWhoWereTakenLongAgoWhenThereAreMany() {
        for (int i = 0; i < 10_000; i++) {
            rates.take(NOBODY, "10.1." + i, null);
        }
        now.addAndGet(TimeUnit.SECONDS.toNanos(1) / 2);
        rates.take(NOBODY, "10.2.0.0", null);
        now.addAndGet(TimeUnit.SECONDS.toNanos(1) * 3 / 4);
        assertThat(rates.take(NOBODY, "10.2.0.1", null)).isZero();

        assertThat(rates.take(NOBODY, "10.2.0.0", null)).as("not yet forgotten").isPositive();
        assertThat(rates.take(NOBODY, "10.1.7", null)).isZero();
        assertThat(rates.take(NOBODY, "10.1.7", null)).isPositive();
    }

    private static Principal principal(String user) {
        return user == null
                ? new Principal(null, Grants.NONE.of(null), Principal.NEVER, 0, null)
                : Principal.of(user, Grants.NONE);
    }
}
