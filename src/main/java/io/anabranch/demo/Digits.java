package io.anabranch.demo;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/**
 * Counts on {@code demo:digits}: 1 to 10, one number a second, then the event {@code bye} with the
 * data {@code "bye"}, then a pause of five seconds, and again.
 */
public final class Digits extends VerticleBase {

    private static final String CHANNEL = "demo:digits";
    private static final long SECOND = 1000;
    private static final int LAST = 10;
    private static final int PAUSE = 5;

    private int step;

    @Override
    public Future<?> start() {
        BusPublisher publisher = new BusPublisher(vertx);
        vertx.setPeriodic(SECOND, timer -> next(publisher));
        return Future.succeededFuture();
    }

    private void next(BusPublisher publisher) {
        step++;
        if (step <= LAST) {
            publisher.publish(CHANNEL, step);
        } else if (step == LAST + 1) {
            publisher.publish(CHANNEL, "bye", "bye");
        } else if (step == LAST + PAUSE) {
            step = 0;
        }
    }
}
