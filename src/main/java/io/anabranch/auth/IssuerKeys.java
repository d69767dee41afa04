package io.anabranch.auth;

import io.vertx.core.AsyncResult;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that an issuer publishes: read at the start, from time to time, and when a token names
 * one that is not known, one read at a time. While they cannot be read, or none of them can be
 * used, those of before stay. May be asked from any thread; reads on one event loop of its own.
 */
final class IssuerKeys {
    private static final Logger LOG = LoggerFactory.getLogger(IssuerKeys.class);
    private static final long NO_TIMER = -1;

    private final Vertx vertx;
    private final Context context;
    private final JwksOptions options;
    private final JwksClient client;
    private volatile List<KeyVerifier> keys = List.of();

    // Of the event loop alone.
    private @Nullable Future<Void> reading;
    private long timer = NO_TIMER;
    private long lastReadNs;
    private boolean failing;
    private String told = "";

    IssuerKeys(Vertx vertx, JwksOptions options) {
        this.vertx = vertx;
        this.context = vertx.getOrCreateContext();
        this.options = options;
        this.client = new JwksClient(vertx, options.url(), JwksClient.TIMEOUT_MS);
    }

    /** Reads them for the first time; completes when that was tried. */
    Future<Void> start() {
        return onLoop(this::read);
    }

    /** Those that can be used now; empty until they were read once. */
    List<KeyVerifier> keys() {
        return keys;
    }

    /**
     * Whether there could be one, beside those that are known, for a token that none has signed.
     */
    static boolean mayLack(List<KeyVerifier> known, UnverifiedToken token) {
        boolean asymmetric =
                Algorithm.ofLabel(token.alg()).filter(alg -> !alg.isSymmetric()).isPresent();
        String kid = token.kid();
        return asymmetric
                && (known.isEmpty()
                        || kid != null && known.stream().noneMatch(key -> key.isNamed(kid)));
    }

    /**
     * Reads them again, unless that was tried just now or there are others already than those that
     * the caller knows. Completes, on the caller's event loop, when that is done.
     */
    Future<Void> readAgain(List<KeyVerifier> known) {
        return onLoop(
                () -> {
                    if (keys != known) {
                        return Future.succeededFuture();
                    }
                    Future<Void> running = reading;
                    if (running != null) {
                        return running;
                    }
                    long passedMs = (System.nanoTime() - lastReadNs) / 1_000_000;
                    return passedMs < options.pauseMs() ? Future.succeededFuture() : read();
                });
    }

    private Future<Void> onLoop(Supplier<Future<Void>> work) {
        Context caller = vertx.getOrCreateContext();
        Promise<Void> done = Promise.promise();
        context.runOnContext(
                unused ->
                        work.get()
                                .onComplete(
                                        tried -> caller.runOnContext(ended -> done.complete())));
        return done.future();
    }

    private Future<Void> read() {
        vertx.cancelTimer(timer);
        Future<Void> tried =
                Future.succeededFuture()
                        .compose(unused -> client.get())
                        .compose(this::load)
                        .transform(this::settle);
        reading = tried;
        tried.onComplete(unused -> reading = null);
        return tried;
    }

    private Future<Loaded> load(Buffer text) {
        return vertx.executeBlocking(() -> verifiers(Jwks.parse(text))).compose(IssuerKeys::tested);
    }

    private Loaded verifiers(Jwks jwks) {
        List<KeyVerifier> verifiers = new ArrayList<>();
        List<String> unusable = new ArrayList<>(jwks.unusable());
        for (Jwk key : jwks.usable()) {
            try {
                verifiers.add(KeyVerifier.of(vertx, key));
            } catch (KeyException e) {
                unusable.add(e.getMessage());
            }
        }
        return new Loaded(verifiers, unusable);
    }

    /** Each key alone must refuse unsigned tokens; one that does not is of no use. */
    private static Future<Loaded> tested(Loaded loaded) {
        List<KeyVerifier> verifiers = loaded.keys();
        List<Future<Void>> tests =
                verifiers.stream().map(KeyVerifier::requireRefusesUnsigned).toList();
        return Future.join(tests)
                .transform(
                        results -> {
                            List<String> unusable = new ArrayList<>(loaded.unusable());
                            tests.stream()
                                    .filter(Future::failed)
                                    .forEach(test -> unusable.add(test.cause().getMessage()));
                            List<KeyVerifier> good =
                                    IntStream.range(0, verifiers.size())
                                            .filter(i -> tests.get(i).succeeded())
                                            .mapToObj(verifiers::get)
                                            .toList();
                            return good.isEmpty()
                                    ? Future.failedFuture(
                                            new KeyException("no key that can be used " + unusable))
                                    : Future.succeededFuture(new Loaded(good, unusable));
                        });
    }

    private Future<Void> settle(AsyncResult<Loaded> result) {
        lastReadNs = System.nanoTime();
        if (result.succeeded()) {
            keys = result.result().keys();
            tellOf(result.result());
        } else if (!failing) {
            LOG.warn(
                    "auth.jwks: {}: {}; the {} keys of before stay in use",
                    options.url(),
                    result.cause().getMessage(),
                    keys.size());
        }
        failing = result.failed();
        long next =
                failing ? Math.min(options.pauseMs(), options.refreshMs()) : options.refreshMs();
        timer = vertx.setTimer(next, unused -> read());
        return Future.succeededFuture();
    }

    private void tellOf(Loaded loaded) {
        String text = "keys " + loaded.keys();
        if (!loaded.unusable().isEmpty()) {
            text += "; not used: " + String.join("; ", loaded.unusable());
        }
        if (failing || !text.equals(told)) {
            LOG.info("auth.jwks: {} gave {}", options.url(), text);
            told = text;
        }
    }

    private record Loaded(List<KeyVerifier> keys, List<String> unusable) {}
}
