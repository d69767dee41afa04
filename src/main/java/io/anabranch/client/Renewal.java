package io.anabranch.client;

import io.vertx.core.Vertx;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Asks for another token before the one in use expires. */
final class Renewal {
    private static final long NONE = -1;

    private final Vertx vertx;
    private final TokenSource tokens;
    private final Consumer<@Nullable String> onToken;
    private final Consumer<Throwable> onFailure;
    private long timer = NONE;

    Renewal(
            Vertx vertx,
            TokenSource tokens,
            Consumer<@Nullable String> onToken,
            Consumer<Throwable> onFailure) {
        this.vertx = vertx;
        this.tokens = tokens;
        this.onToken = onToken;
        this.onFailure = onFailure;
    }

    /**
     * @param expires in ms since 1970 UTC; null for never
     */
    void before(@Nullable Long expires) {
        cancel();
        if (expires == null || !tokens.isRenewable()) {
            return;
        }
        long left = expires - System.currentTimeMillis();
        long delay = left - Math.min(Timing.RENEW_BEFORE, left / 2);
        timer =
                vertx.setTimer(
                        Math.max(delay, Timing.Backoff.RECONNECT.first), unused -> renew(expires));
    }

    void cancel() {
        vertx.cancelTimer(timer);
        timer = NONE;
    }

    private void renew(long expires) {
        tokens.renew()
                .onSuccess(onToken::accept)
                .onFailure(
                        failure -> {
                            onFailure.accept(failure);
                            before(expires);
                        });
    }
}
