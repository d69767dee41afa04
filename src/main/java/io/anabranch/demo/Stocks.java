package io.anabranch.demo;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.util.Random;

/**
 * A market on {@code ticker:<SYMBOL>}. Configuration:
 *
 * <ul>
 *   <li>{@code symbols}: how many, 1 to 200 (200)
 *   <li>{@code rate}: changes of each symbol a second, above 0, up to 100 (2)
 *   <li>{@code seed}: a number; the same one makes the same market (left out: another each time)
 * </ul>
 */
public final class Stocks extends VerticleBase {

    /** How many symbols, where the configuration does not say. */
    public static final int DEFAULT_SYMBOLS = 200;

    /** Changes of each symbol a second, where the configuration does not say. */
    public static final double DEFAULT_RATE = 2;

    private static final double MAX_RATE = 100;

    /** Milliseconds between bursts. */
    private static final long TICK = 50;

    /** Unanswered messages at which a tick is left out: a busy hub is not given more work. */
    private static final int MOST_IN_FLIGHT = 5000;

    private double due;

    @Override
    public Future<?> start() {
        int symbols = config().getInteger("symbols", DEFAULT_SYMBOLS);
        double rate = config().getDouble("rate", DEFAULT_RATE);
        if (symbols < 1 || symbols > Market.MOST) {
            return refuse("symbols: " + symbols + " (expected: 1 to " + Market.MOST + ")");
        }
        if (!(rate > 0 && rate <= MAX_RATE)) {
            return refuse("rate: " + rate + " (expected: above 0, up to " + MAX_RATE + ")");
        }
        Market market = new Market(symbols, random());
        BusPublisher publisher = new BusPublisher(vertx);
        // Every symbol has a price from the beginning.
        market.stocks().forEach(stock -> publish(publisher, stock));
        double perTick = symbols * rate * TICK / 1000;
        vertx.setPeriodic(TICK, timer -> tick(market, publisher, perTick));
        return Future.succeededFuture();
    }

    private void tick(Market market, BusPublisher publisher, double perTick) {
        if (publisher.inFlight() > MOST_IN_FLIGHT) {
            return;
        }
        for (due += perTick; due >= 1; due--) {
            publish(publisher, market.trade());
        }
    }

    private static void publish(BusPublisher publisher, Stock stock) {
        publisher.publish("ticker:" + stock.symbol(), stock.quote());
    }

    private Random random() {
        return config().containsKey("seed") ? new Random(config().getLong("seed")) : new Random();
    }

    private static Future<?> refuse(String reason) {
        return Future.failedFuture(new IllegalArgumentException(reason));
    }
}
