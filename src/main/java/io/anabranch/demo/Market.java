package io.anabranch.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Invented stocks that move together a little, as those of a real market do: each change has a part
 * of its own and a part of a common mood, which itself wanders about zero.
 */
final class Market {

    private static final List<String> BEGINNINGS =
            List.of(
                    "AC", "BR", "CO", "DE", "EL", "FA", "GR", "HY", "IN", "JU", "KE", "LU", "MO",
                    "NO", "OR", "PA", "RI", "SO", "TE", "VA");
    private static final List<String> ENDINGS =
            List.of("ME", "NA", "RX", "ST", "TO", "VE", "LY", "KA", "DO", "GI");

    /** How many symbols there are at most. */
    static final int MOST = BEGINNINGS.size() * ENDINGS.size();

    private static final double MOOD_KEPT = 0.999;
    private static final double MOOD_STEP = 0.005;

    private final RandomGenerator random;
    private final List<Stock> stocks;
    private double mood;

    /** Opens a market of {@code size} stocks, at most {@link #MOST}; the first is {@code ACME}. */
    Market(int size, RandomGenerator random) {
        this.random = random;
        this.stocks = new ArrayList<>(size);
        for (int index = 0; index < size; index++) {
            stocks.add(openStock(symbol(index)));
        }
    }

    List<Stock> stocks() {
        return List.copyOf(stocks);
    }

    /** Lets one stock, any, trade once, and returns it. */
    Stock trade() {
        mood = MOOD_KEPT * mood + MOOD_STEP * random.nextGaussian();
        Stock stock = stocks.get(random.nextInt(stocks.size()));
        stock.trade(random, mood);
        return stock;
    }

    private Stock openStock(String symbol) {
        // Log-normal about 60: most prices are tens, a few are hundreds.
        long cents = Math.round(100 * Math.exp(4.1 + 0.8 * random.nextGaussian()));
        double volatility = 0.0004 + 0.0010 * random.nextDouble();
        return new Stock(symbol, Math.max(500, cents), volatility);
    }

    private static String symbol(int index) {
        String beginning = BEGINNINGS.get(index % BEGINNINGS.size());
        return beginning + ENDINGS.get(index / BEGINNINGS.size());
    }
}
