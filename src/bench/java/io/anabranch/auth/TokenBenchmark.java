package io.anabranch.auth;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What an HS256 token costs: when it comes first, and when it comes again with each request. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class TokenBenchmark {
    private final Vertx vertx = Vertx.vertx();
    private Authenticator authenticator;
    private final List<String> tokens = new ArrayList<>();
    private int next;

    @Setup
    public void prepare() {
        AuthOptions options =
                new AuthOptions(
                        List.of(KeyOptions.hs256("bench", "a-key-that-nobody-signs-with-in-here")),
                        null,
                        TokenRules.ANY,
                        null,
                        Grants.NONE);
        Grants grants =
                new Grants(
                        List.of("chat:*", "inbox:{sub}"),
                        List.of("chat:*"),
                        List.of(),
                        List.of(),
                        false);
        authenticator = Authenticator.create(vertx, options).await();
        TokenIssuer issuer = new TokenIssuer(options);
        for (int i = 0; i <= VerifiedTokens.MOST; i++) {
            tokens.add(issuer.issue("alice", grants, Duration.ofHours(1)));
        }
    }

    @TearDown
    public void close() {
        vertx.close().await();
    }

    /** One more than are remembered, in turns: each has been forgotten when it comes again. */
    @Benchmark
    public Principal first() {
        next = (next + 1) % tokens.size();
        return authenticator.authenticate(tokens.get(next)).await();
    }

    @Benchmark
    public Principal again() {
        return authenticator.authenticate(tokens.get(0)).await();
    }
}
