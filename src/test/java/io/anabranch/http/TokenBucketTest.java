package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TokenBucketTest {
    private static final long SECOND = 1_000_000_000;

    @Test
    void letsASecondsWorthPassAtOnceAndThenOneAtATime() {
        TokenBucket bucket = new TokenBucket(4);
        long now = -3;
        for (int i = 0; i < 4; i++) {
            assertThat(bucket.take(now)).isZero();
        }
        assertThat(bucket.take(now)).isEqualTo(SECOND / 4);
        assertThat(bucket.take(now + SECOND / 4 - 1)).isEqualTo(1);
        assertThat(bucket.take(now + SECOND / 4)).isZero();
        assertThat(bucket.take(now + SECOND / 4)).isEqualTo(SECOND / 4);
    }

    @Test
    void isFullAgainAfterASecondAndNoFuller() {
        TokenBucket bucket = new TokenBucket(2);
        assertThat(bucket.isFull(0)).isTrue();
        bucket.take(0);
        bucket.take(0);
        assertThat(bucket.isFull(SECOND - 1)).isFalse();
        assertThat(bucket.isFull(SECOND)).isTrue();
        assertThat(bucket.take(10 * SECOND)).isZero();
        assertThat(bucket.take(10 * SECOND)).isZero();
        assertThat(bucket.take(10 * SECOND)).isPositive();
    }

    @Test
    void takesBackWhatWasNotUsed() {
        TokenBucket bucket = new TokenBucket(1);
        assertThat(bucket.take(0)).isZero();
        bucket.putBack();
        assertThat(bucket.take(0)).isZero();
        assertThat(bucket.take(0)).isPositive();
    }
}
