package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Vertx;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The end of a token is judged by the system's clock, also when that is set. */
class ExpiryTest {
    private static final long HOUR = 3_600_000;

    private final Vertx vertx = Vertx.vertx();
    private final AtomicLong set = new AtomicLong();
    private final CountDownLatch expired = new CountDownLatch(1);
    private final Expiry expiry = new Expiry(vertx, this::now, expired::countDown);

    private long now() {
        return System.currentTimeMillis() + set.get();
    }

    @AfterEach
    void stop() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
    }

    @Test
    void comesWhenTheClockIsSetPastIt() throws Exception {
        expiry.at(now() + HOUR / 2);
        set.set(HOUR);
        assertThat(expired.await(20, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void comesLaterWhenTheClockIsSetBack() throws Exception {
        expiry.at(now() + 200);
        set.set(-HOUR);
        assertThat(expired.await(2, TimeUnit.SECONDS)).isFalse();
        set.set(0);
        assertThat(expired.await(20, TimeUnit.SECONDS)).isTrue();
    }
}
