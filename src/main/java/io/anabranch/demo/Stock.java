package io.anabranch.demo;

import io.vertx.core.json.JsonObject;
import java.util.random.RandomGenerator;

/** One stock's day. Prices are whole cents inside, so that differences are exact. */
final class Stock {

    /** Never cheaper than this, in cents. */
    private static final long FLOOR = 100;

    /** How strongly a price is drawn back to its opening, for each change. */
    private static final double PULL = 0.002;

    private static final int LOT = 100;
    private static final int MOST_LOTS = 40;

    private final String symbol;
    private final double volatility;
    private final long open;
    private long price;
    private long high;
    private long low;
    private long volume;

    /**
     * @param open the opening price, in cents
     * @param volatility the standard deviation of one change, as a share of the price
     */
    Stock(String symbol, long open, double volatility) {
        this.symbol = symbol;
        this.open = open;
        this.volatility = volatility;
        this.price = open;
        this.high = open;
        this.low = open;
    }

    String symbol() {
        return symbol;
    }

    /**
     * Trades once, at a new price.
     *
     * @param mood where the whole market is going, in standard deviations
     */
    void trade(RandomGenerator random, double mood) {
        double drift = PULL * Math.log((double) open / price);
        double step = volatility * (random.nextGaussian() + mood);
        price = Math.max(FLOOR, Math.round(price * Math.exp(drift + step)));
        high = Math.max(high, price);
        low = Math.min(low, price);
        // Small trades are many, large ones few.
        double size = random.nextDouble();
        volume += LOT * (1 + (long) (MOST_LOTS * size * size * size));
    }

    /** The stock as it is published: prices in units of the currency, {@code volume} in shares. */
    JsonObject quote() {
        return new JsonObject()
                .put("symbol", symbol)
                .put("price", units(price))
                .put("open", units(open))
                .put("high", units(high))
                .put("low", units(low))
                .put("volume", volume)
                .put("change", units(price - open));
    }

    private static double units(long cents) {
        return cents / 100.0;
    }
}
