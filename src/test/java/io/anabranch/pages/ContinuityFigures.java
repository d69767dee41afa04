package io.anabranch.pages;

import com.microsoft.playwright.Page;
import io.anabranch.testing.ChildProcess;
import io.anabranch.testing.Fault;
import io.anabranch.testing.FaultProxy;
import io.anabranch.testing.FaultProxy.Which;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.Travel;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * How long a reader waits for its first message, and for the next one when its WebSocket ends. Run
 * by {@code src/bench/continuity}; it prints, and judges nothing.
 */
class ContinuityFigures {
    private static final int PAGE_LOADS = 20;
    private static final int ROUNDS = 20;

    /** Counts from when the page was asked for. */
    private static final String FIRST =
            """
            window.first = import('/anabranch.js').then(({ connect }) => new Promise(resolve => {
              const hub = connect('/');
              hub.subscribe('figure:*', () => resolve([performance.now(), hub.transport]), { last: 1 });
            }));
            """;

    @RegisterExtension
    static final TestHub hub =
            new TestHub().development().anonymous(List.of("figure:*"), List.of());

    @RegisterExtension static final Chromium chromium = new Chromium(hub);

    @Test
    void fromPageLoadToTheFirstMessage() throws Exception {
        new Rest(hub, hub.token("alice")).publish("figure:a", "1");
        try (FaultProxy proxy = new FaultProxy(hub.port(), 1)) {
            print("page load to first message", firstMessages(proxy, "websocket"));
            proxy.set(Which.WEBSOCKETS, Fault.blackHole());
            print("page load to first message, WebSocket black-holed", firstMessages(proxy, "sse"));
        }
    }

    private List<Double> firstMessages(FaultProxy proxy, String transport) {
        List<Double> times = new ArrayList<>();
        for (int i = 0; i < PAGE_LOADS; i++) {
            // Each in a new window, which remembers nothing of the one before.
            Page page = chromium.openBehind(proxy);
            page.addInitScript(FIRST);
            page.reload();
            List<?> first = (List<?>) page.evaluate("first");
            if (first.get(1).equals(transport)) {
                times.add(((Number) first.get(0)).doubleValue());
            }
            page.close();
        }
        times.sort(null);
        return times;
    }

    @Test
    void withoutMessagesWhenTheWebSocketEnds() throws Exception {
        try (Travel travel = new Travel(hub)) {
            travel.load().start();
            JsonArray actions = new JsonArray().add("cut").add("reset").add("stall");
            JsonObject options =
                    travel.options("figure", 1).put("actions", actions).put("rounds", ROUNDS);
            try (ChildProcess node = ChildProcess.node("figures.js", options)) {
                JsonObject figures = new JsonObject(node.hear(180));
                for (String action : figures.fieldNames()) {
                    List<Double> times =
                            figures.getJsonArray(action).stream()
                                    .map(time -> ((Number) time).doubleValue())
                                    .collect(Collectors.toList());
                    print("silence at 1,000 messages/s, WebSocket " + action, times);
                }
            }
        }
    }

    private static void print(String what, List<Double> sorted) {
        System.out.printf(
                "%s: median %.0f ms, most %.0f ms, of %d%n",
                what, sorted.get(sorted.size() / 2), sorted.get(sorted.size() - 1), sorted.size());
    }
}
