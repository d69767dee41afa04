// A market of invented stocks on ticker:<SYMBOL>. Its configuration:
//   symbols  how many, 1 to 200 (200)
//   rate     changes of each symbol a second, above 0, up to 100 (2)
//   seed     a number; the same one makes the same market (left out: another each time)
//
// Stocks move together a little, as those of a real market do: each change has a part of its own and
// a part of a common mood, which itself wanders about zero. Prices are whole cents inside.

import groovy.transform.Field
import groovy.transform.CompileStatic

@Field static final List<String> BEGINNINGS =
    'AC BR CO DE EL FA GR HY IN JU KE LU MO NO OR PA RI SO TE VA'.split().toList()
@Field static final List<String> ENDINGS = 'ME NA RX ST TO VE LY KA DO GI'.split().toList()
@Field static final int MOST = BEGINNINGS.size() * ENDINGS.size()

// Milliseconds between bursts.
@Field static final int TICK = 50
// Unanswered messages at which a tick is left out: a busy hub is not given more work.
@Field static final int MOST_IN_FLIGHT = 5000

@CompileStatic
class Stock {
    // Never cheaper than this, in cents.
    static final long FLOOR = 100
    // How strongly a price is drawn back to its opening, for each change.
    static final double PULL = 0.002d
    static final int LOT = 100
    static final int MOST_LOTS = 40

    final String symbol
    final long open
    // The standard deviation of one change, as a share of the price.
    final double volatility
    long price, high, low, volume

    Stock(String symbol, Random random) {
        this.symbol = symbol
        // Log-normal about 60: most prices are tens, a few are hundreds.
        open = Math.max(500L, Math.round(100 * Math.exp(4.1d + 0.8d * random.nextGaussian())))
        volatility = 0.0004d + 0.0010d * random.nextDouble()
        price = high = low = open
    }

    // Trades once, at a new price; the mood is where the market goes, in standard deviations.
    void trade(Random random, double mood) {
        double drift = PULL * Math.log((double) open / (double) price)
        double step = volatility * (random.nextGaussian() + mood)
        price = Math.max(FLOOR, Math.round(price * Math.exp(drift + step)))
        high = Math.max(high, price)
        low = Math.min(low, price)
        // Small trades are many, large ones few.
        double size = random.nextDouble()
        volume += LOT * (1 + (long) (MOST_LOTS * size * size * size))
    }

    Map<String, Object> quote() {
        [symbol: symbol, price: units(price), open: units(open), high: units(high),
         low: units(low), volume: volume, change: units(price - open)] as Map<String, Object>
    }

    private static double units(long cents) {
        cents / 100.0d
    }
}

int symbols = config.symbols ?: MOST
double rate = config.rate ?: 2
if (symbols < 1 || symbols > MOST) {
    throw new IllegalArgumentException("symbols: $symbols (expected: 1 to $MOST)")
}
if (!(rate > 0 && rate <= 100)) {
    throw new IllegalArgumentException("rate: $rate (expected: above 0, up to 100)")
}

def random = config.seed == null ? new Random() : new Random(config.seed as long)
def stocks = (0..<symbols).collect { index ->
    new Stock(BEGINNINGS[index % BEGINNINGS.size()] + ENDINGS[index.intdiv(BEGINNINGS.size())], random)
}
double perTick = symbols * rate * TICK / 1000
double due = 0
double mood = 0
int inFlight = 0

def publish = { Stock stock ->
    inFlight++
    vertx.eventBus.request('anabranch.publish', [channel: "ticker:$stock.symbol", data: stock.quote()])
        .onSuccess { inFlight-- }
        .onFailure { inFlight-- }
}

// Every symbol has a price from the beginning.
stocks.each(publish)
vertx.setPeriodic(TICK) {
    if (inFlight <= MOST_IN_FLIGHT) {
        for (due += perTick; due >= 1; due--) {
            mood = 0.999d * mood + 0.005d * random.nextGaussian()
            def stock = stocks[random.nextInt(stocks.size())]
            stock.trade(random, mood)
            publish(stock)
        }
    }
}
