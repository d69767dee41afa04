package io.anabranch.pages;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.TestHub;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The ticker in a browser, against a real hub. */
@Tag("browser")
class TickerPageTest {
    @Order(1)
    @RegisterExtension
    static final TestHub hub = DemoHub.create();

    @Order(2)
    @RegisterExtension
    static final Chromium chromium = new Chromium(hub);

    @ParameterizedTest
    @ValueSource(strings = {"WebSocket", "SSE"})
    void tickerConflatesWhenAsked(String transport) {
        Window ticker = chromium.open("/demo/ticker.html").over(transport);
        assertThat(ticker.find(".tile .price:not(:empty)")).hasCount(200);
        int free = messagesIn(2, ticker);
        // 200 symbols change twice a second; conflated, each is sent every two seconds at most.
        ticker.field("Conflate: off").fill("2000");
        ticker.shows("#conflate-value", "2000 ms");
        messagesIn(2, ticker);
        int conflated = messagesIn(4, ticker);
        assertThat(free / 2).as("a second, free").isGreaterThan(200);
        assertThat(conflated / 4).as("a second, conflated").isBetween(20, 150);
        ticker.says("Open, over " + transport);
    }

    @Test
    void tickerMovesAndDrawsTheChosenSymbol() {
        Window ticker = chromium.open("/demo/ticker.html");
        assertThat(ticker.find(".tile .price:not(:empty)")).hasCount(200);
        ticker.shows("#symbol", "ACME");
        for (String moving : List.of("#price", "[data-symbol=VAME] .price")) {
            assertThat(ticker.find(moving)).not().hasText(ticker.text(moving));
        }
        assertThat(ticker.find("#chart canvas")).hasCount(1);
        ticker.draws("#chart canvas");

        ticker.field("Find a symbol").fill("brna");
        assertThat(ticker.find(".tile:visible")).hasCount(1);
        ticker.find("[data-symbol=BRNA]").click();
        ticker.shows("#symbol", "BRNA");
        ticker.field("Find a symbol").fill("");
        assertThat(ticker.find(".tile:visible")).hasCount(200);
        ticker.page().keyboard().press("Tab");
        ticker.page().keyboard().press("ArrowRight");
        assertThat(ticker.find(".tile:focus")).hasAttribute("aria-selected", "true");
        assertThat(ticker.find("#symbol")).not().hasText("BRNA");
    }

    @Test
    void tickerColoursNoChangeThatIsShownAsNone() {
        Window ticker = chromium.open("/demo/ticker.html");
        assertThat(ticker.find(".tile .price:not(:empty)")).hasCount(200);
        Object miscoloured =
                ticker.find(".tile")
                        .evaluateAll(
                                """
                                tiles => tiles.map(tile => tile.children[1])
                                  .map(change => `${change.textContent} ${change.className}`)
                                  .filter(it => !/^(0.0% |[+]\\d+.\\d% rise|−\\d+.\\d% fall)$/.test(it)
                                    || /^.0.0%/.test(it))
                                """);
        assertThat((List<?>) miscoloured).isEmpty();
    }

    @Test
    void tickerWritesNoTimeTwiceOnItsAxis() {
        Window ticker = chromium.open("/demo/ticker.html");
        assertThat(ticker.find("#chart canvas")).hasCount(1);
        Object labels =
                ticker.page()
                        .evaluate(
                                """
                                async () => {
                                  const { chart } = await import('/demo/charts.js');
                                  const place = document.getElementById('chart');
                                  place.replaceChildren();
                                  const small = await chart(place);
                                  small.draw([300, 900, 1500], [1, 3, 2]);
                                  const { scales } = Chart.getChart(place.firstChild);
                                  return scales.x.ticks.map(tick => tick.label).filter(Boolean);
                                }
                                """);
        assertThat((List<?>) labels).map(Object::toString).containsExactly("00:00:00", "00:00:01");
    }

    /** How many messages the page counted in so many seconds of its own. */
    private static int messagesIn(int seconds, Window ticker) {
        Object counted =
                ticker.page()
                        .evaluate(
                                """
                                seconds => new Promise(done => {
                                  const rate = document.getElementById('rate');
                                  let sum = 0;
                                  new MutationObserver((_, watch) => {
                                    sum += Number(rate.textContent.replace(',', ''));
                                    if (--seconds > 0) return;
                                    watch.disconnect();
                                    done(sum);
                                  }).observe(rate, { childList: true });
                                })
                                """,
                                seconds);
        return ((Number) counted).intValue();
    }
}
