package io.anabranch.client;

import io.vertx.core.Future;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The token in use. A function is asked for the first, and when that ends or is refused. */
final class TokenSource {
    private final Supplier<Future<@Nullable String>> supplier;
    private final boolean renewable;
    private @Nullable Future<@Nullable String> asked;
    private @Nullable String token;
    private boolean refusedBefore;

    TokenSource(Supplier<Future<@Nullable String>> supplier, boolean renewable) {
        this.supplier = supplier;
        this.renewable = renewable;
    }

    boolean isRenewable() {
        return renewable;
    }

    Future<@Nullable String> get() {
        Future<@Nullable String> given = asked;
        if (given == null) {
            given = ask();
            asked = given;
        }
        return given;
    }

    Future<@Nullable String> renew() {
        asked = null;
        return get();
    }

    /** The hub refused this token: is there any point in asking for another? */
    boolean refused(@Nullable String used) {
        // Two requests may be refused for one token, which then is replaced once.
        if (asked == null || !Objects.equals(used, token)) {
            return true;
        }
        if (!renewable || refusedBefore) {
            return false;
        }
        refusedBefore = true;
        asked = null;
        return true;
    }

    void accepted() {
        refusedBefore = false;
    }

    private Future<@Nullable String> ask() {
        Future<@Nullable String> given;
        try {
            given = supplier.get();
        } catch (RuntimeException e) {
            given = Future.failedFuture(e);
        }
        return given.map(
                        jwt -> {
                            token = jwt;
                            return jwt;
                        })
                .recover(
                        failure -> {
                            asked = null;
                            String text = "the token function failed: " + failure;
                            return Future.failedFuture(new HubException(0, "no_token", text));
                        });
    }
}
