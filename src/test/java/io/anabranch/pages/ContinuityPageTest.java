package io.anabranch.pages;

import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page;
import io.anabranch.testing.Report;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.Travel;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The same as {@code ContinuityTest} in Chromium, with the module that the hub serves. */
@Tag("long")
class ContinuityPageTest {
    /** A browser opens six connections to a host: three streams, and what replaces them. */
    private static final int CLIENTS = 3;

    private static final int WINDOWS = 3;
    private static final int SWITCHES = 15;
    private static final int MOST_MS = 120_000;

    @RegisterExtension
    static final TestHub hub =
            new TestHub().development().retain("load:*", 20_000).heartbeat(1_000);

    @RegisterExtension static final Chromium chromium = new Chromium(hub);

    @Test
    void nothingIsLostWhileAPageChangesTransport() throws Exception {
        try (Travel travel = new Travel(hub)) {
            List<Page> pages =
                    IntStream.range(0, WINDOWS).mapToObj(i -> journey(travel, i)).toList();
            travel.load().start();
            pages.forEach(page -> page.evaluate("begin()"));
            pages.forEach(page -> page.evaluate("travelled"));
            String totals = travel.load().stop().encode();
            for (Page page : pages) {
                Object json = page.evaluate("totals => finish(totals)", totals);
                Report report = travel.report((String) json);
                assertThat(report.isWhole().switches()).isGreaterThanOrEqualTo(SWITCHES);
            }
        }
    }

    private Page journey(Travel travel, int window) {
        Page page = chromium.openBehind(travel.proxy());
        String script =
                """
                async ([options, switches, atMost]) => {
                  const { createJourney } = await import('/test/live/page.js');
                  const journey = createJourney(JSON.parse(options));
                  if (!(await journey.ready(30_000))) throw new Error('not connected');
                  window.begin = () => { window.travelled = journey.travel(switches, 0, atMost); };
                  window.finish = async totals => JSON.stringify(await journey.finish(JSON.parse(totals)));
                }
                """;
        JsonObject options = travel.options("window" + window, CLIENTS);
        options.put("direct", options.getString("url"))
                .put("seed", options.getLong("seed") + window);
        page.evaluate(script, List.of(options.encode(), SWITCHES, MOST_MS));
        return page;
    }
}
