package io.anabranch.demo;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Publishes the time to {@code demo:clock} each second: {@code "2026-11-21T04:13:45Z"}. */
public final class Clock extends VerticleBase {

    private static final String CHANNEL = "demo:clock";
    private static final long SECOND = 1000;

    @Override
    public Future<?> start() {
        BusPublisher publisher = new BusPublisher(vertx);
        vertx.setPeriodic(SECOND, timer -> publisher.publish(CHANNEL, now()));
        return Future.succeededFuture();
    }

    private static String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }
}
