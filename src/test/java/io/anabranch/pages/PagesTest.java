package io.anabranch.pages;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.APIResponse;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page.AddScriptTagOptions;
import com.microsoft.playwright.Page.WaitForConditionOptions;
import com.microsoft.playwright.Route.FulfillOptions;
import com.microsoft.playwright.assertions.LocatorAssertions.ContainsTextOptions;
import com.microsoft.playwright.options.AriaRole;
import com.microsoft.playwright.options.ColorScheme;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The pages in a browser, against a real hub. */
@Tag("browser")
class PagesTest {
    @Order(1)
    @RegisterExtension
    static final TestHub hub = DemoHub.create();

    @Order(2)
    @RegisterExtension
    static final Chromium chromium = new Chromium(hub);

    // Index

    @Test
    void indexLeadsToPagesThatAreThere() {
        Window index = chromium.open("/");
        List<String> links = index.attributes("a[href^='/']", "href");
        assertThat(links).hasSizeGreaterThan(10);
        for (String link : links.stream().distinct().toList()) {
            APIResponse answer = index.page().request().get(link);
            assertThat(answer.status()).as(link).isEqualTo(200);
        }
    }

    @Test
    void indexNamesEachDemoAsItsPageDoes() {
        Window index = chromium.open("/");
        for (String demo : index.attributes(".ways a", "href")) {
            index.page().navigate("/");
            Locator link = index.find(".ways a[href='" + demo + "']");
            String name = link.locator("strong").innerText();
            link.click();
            assertThat(index.find("h1"))
                    .containsText(name, new ContainsTextOptions().setIgnoreCase(true));
            assertThat(index.find(".nav a[aria-current=page]")).hasText(name);
        }
    }

    @Test
    void indexGivesExamplesThatWork() {
        Window index = chromium.open("/");
        String origin = hub.uri("").toString();
        assertThat(index.find("pre[aria-label='Publish with curl']")).containsText(origin);
        for (String example : List.of("EventSource", "anabranch.js")) {
            List<String> said = new ArrayList<>();
            Consumer<ConsoleMessage> note = message -> said.add(message.text());
            index.page().onConsoleMessage(note);
            String code = index.text("pre[aria-label='Subscribe with " + example + "']");
            // As a file of the hub's: its pages run no script that stands in the page.
            String file = "/" + example + ".example.js";
            FulfillOptions answer = new FulfillOptions().setContentType("text/javascript");
            index.page().route("**" + file, route -> route.fulfill(answer.setBody(code)));
            index.page().addScriptTag(new AddScriptTagOptions().setType("module").setUrl(file));
            // Published until it comes: when the subscription stands is not for the page to see.
            index.page()
                    .waitForCondition(
                            () -> {
                                publish("chat:lobby", "to " + example);
                                return said.stream()
                                        .anyMatch(text -> text.contains("to " + example));
                            });
            index.page().offConsoleMessage(note);
        }
    }

    private static void publish(String channel, String text) {
        try {
            rest().publish(channel, new JsonObject().put("text", text).encode());
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void navigationShowsWhereItGoesOn() {
        Window index = chromium.open("/", 360, 740, ColorScheme.LIGHT);
        Locator nav = index.find(".nav");
        assertThat(nav).hasClass("nav more-after");
        nav.evaluate("nav => nav.scrollTo(40, 0)");
        assertThat(nav).hasClass("nav more-after more-before");
        nav.evaluate("nav => nav.scrollTo(nav.scrollWidth, 0)");
        assertThat(nav).hasClass("nav more-before");
        assertThat(chromium.open("/").find(".nav")).hasClass("nav");
    }

    // Clock

    @ParameterizedTest
    @CsvSource({"WebSocket, websocket", "SSE, sse"})
    void clockListsTheTime(String transport, String via) {
        Window clock = chromium.open("/demo/clock.html").over(transport);
        int before = clock.find("#list li").count();
        assertThat(clock.find("#list li").nth(before + 1)).isVisible();
        clock.shows("#face", "\\d\\d:\\d\\d:\\d\\d");
        assertThat(clock.find("#list li").first()).hasAttribute("data-via", via);
        assertThat(clock.attributes("#list time", "datetime"))
                .allMatch(time -> time.matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ"));
    }

    @Test
    void clockGoesOnWhereItWasOnAnotherTransport() throws Exception {
        Window clock = chromium.open("/demo/clock.html").over("WebSocket");
        assertThat(clock.find("#list li[data-via=websocket]").first()).isVisible();
        clock.over("SSE");
        assertThat(clock.find("#list li[data-via=sse]").nth(1)).isVisible();
        List<String> shown = clock.find("#list .id").allInnerTexts();
        List<String> newestFirst = ids(rest().history("demo:clock", "limit=100"));
        assertThat(newestFirst).containsSubsequence(shown);
        int first = newestFirst.indexOf(shown.get(0));
        assertThat(newestFirst.subList(first, first + shown.size())).isEqualTo(shown);
    }

    /** The ids of a history, the newest first. */
    private static List<String> ids(JsonArray history) {
        return IntStream.range(0, history.size())
                .mapToObj(i -> history.getJsonObject(history.size() - 1 - i).getString("id"))
                .toList();
    }

    // Digits

    @ParameterizedTest
    @CsvSource({"SSE, /sse", "WebSocket, /ws"})
    void digitsCountUntilBye(String transport, String path) {
        Window digits = chromium.open("/demo/digits.html");
        digits.says("Not started");
        digits.choose(transport);
        digits.button("Start").click();
        digits.says("Open, over " + transport);
        assertThat(digits.button("Start")).isDisabled();
        digits.page()
                .waitForCondition(
                        () -> digits.text("#bar [role=status]").equals("Ended by bye"),
                        new WaitForConditionOptions().setTimeout(30_000));
        digits.shows("#digit", "10");
        assertThat(digits.find("#steps .reached")).hasCount(10);
        assertThat(digits.button("Start")).isEnabled();
        assertThat(digits.button("Stop")).isDisabled();

        List<String> happened = happenings(digits);
        assertThat(happened).startsWith("Ended by bye", "bye", "10", "9", "8");
        assertThat(happened).endsWith("Open, over " + transport);
        assertThat(happened).doesNotHaveDuplicates();
        assertThat(digits.openSockets()).isZero();
        assertThat(digits.requests("GET /sse")).isEqualTo(transport.equals("SSE") ? 1 : 0);
    }

    /** What the list says, the newest first, without times and ids. */
    private static List<String> happenings(Window digits) {
        Object texts =
                digits.find("#list li")
                        .evaluateAll("rows => rows.map(row => row.childNodes[1].textContent)");
        return ((List<?>) texts).stream().map(String.class::cast).toList();
    }

    @Test
    void digitsStopWhenAsked() {
        Window digits = chromium.open("/demo/digits.html");
        digits.button("Start").click();
        assertThat(digits.find("#digit")).not().hasText("0");
        digits.button("Stop").click();
        digits.says("Stopped");
        assertThat(digits.button("Start")).isEnabled();
        String stopped = digits.text("#digit");
        int rows = digits.find("#list li").count();
        awaitNext("demo:digits", digits);
        assertThat(digits.find("#list li")).hasCount(rows);
        digits.shows("#digit", stopped);
    }

    /** Waits until two more messages were published to a channel. */
    private static void awaitNext(String channel, Window window) {
        int before = sizeOf(channel);
        window.page().waitForCondition(() -> sizeOf(channel) >= before + 2);
    }

    private static int sizeOf(String channel) {
        try {
            return rest().history(channel, "limit=1000").size();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    // Action, both, format, lab

    @Test
    void actionComesDownToEveryone() {
        Window ann = chromium.open("/demo/action.html");
        Window bob = chromium.open("/demo/action.html");
        for (Window window : List.of(ann, bob)) {
            window.says("Open, over SSE");
        }
        ann.field("Action").fill(Window.MARKUP);
        ann.button("Send").click();
        ann.shows("#answer", "201: stored as \\S+ in \\d+ ms\\.");
        for (Window window : List.of(ann, bob)) {
            assertThat(window.find("#list li")).hasCount(1);
            assertThat(window.find("#list li span:nth-child(2)")).hasText(Window.MARKUP);
            assertThat(window.find("#list img, #list b")).hasCount(0);
        }
        assertThat(ann.find("#list .tag")).containsText("sent from here");
        assertThat(bob.find("#list .tag")).hasCount(0);
    }

    @Test
    void bothReadOneConversationTwice() {
        Window both = chromium.open("/demo/both.html");
        assertThat(both.find("#states")).hasText("SSE: openWebSocket: open");
        both.say("by the socket");
        Locator latest = both.find("#list li").first();
        assertThat(latest).containsText("by the socket");
        assertThat(latest.locator(".tag")).hasCount(2);
        assertThat(latest.locator("[data-via=sse]")).hasCount(1);
        assertThat(both.requests("POST /api/v1/channels/chat:both/messages")).isZero();

        both.field("WebSocket is there").uncheck();
        assertThat(both.find("#states")).hasText("SSE: openWebSocket: closed");
        assertThat(both.button("Send by POST")).isVisible();
        both.say(Window.MARKUP);
        assertThat(both.find("#list li:first-child > span:nth-child(2)")).hasText(Window.MARKUP);
        assertThat(latest.locator(".tag")).hasText(new String[] {"SSE"});
        assertThat(both.openSockets()).isZero();

        both.field("WebSocket is there").check();
        assertThat(latest.locator(".tag")).hasCount(2);
        assertThat(both.find("#list li")).hasCount(2);
    }

    @Test
    void formatShowsTheLinesAndResumes() throws Exception {
        Window format = chromium.open("/demo/format.html");
        format.field("Channel").selectOption("demo:action");
        format.button("Connect").click();
        format.shows("#state", "Open");
        assertThat(format.find("#raw [data-field=retry]")).hasCount(1);

        format.button("Publish").click();
        assertThat(format.find("#raw [data-field=event]").last()).hasText("event: news");
        assertThat(format.find("#raw [data-field=data]", "gate")).hasCount(1);
        format.button("Cut").click();
        format.shows("#state", "Cut");
        rest().publish("demo:action", "\"while away\"");
        format.button("Reconnect from the last id").click();
        assertThat(format.find("#raw [data-field=data]", "while away")).hasCount(1);
        assertThat(format.find("#raw [data-field=data]", "gate")).hasCount(1);
        assertThat(format.number("#bytes")).isPositive();
    }

    @Test
    void labLosesNothingFromTransportToTransport() {
        Window lab = chromium.open("/demo/lab.html?transport=websocket");
        lab.says("Open, over WebSocket");
        assertThat(lab.find("#messages")).not().hasText("0");
        lab.over("SSE");
        lab.shows("#switches", "1");
        lab.over("WebSocket");
        lab.shows("#switches", "2");
        int before = lab.number("#messages");
        lab.page().waitForCondition(() -> lab.number("#messages") > before + 20);
        lab.shows("#median", "\\d+");
        lab.shows("#repeats", "0");
        lab.shows("#gaps", "0");
        assertThat(lab.find(".notice")).hasCount(0);
        assertThat(lab.page().getByRole(AriaRole.GROUP).getByRole(AriaRole.BUTTON)).hasCount(4);
    }

    private static Rest rest() {
        return new Rest(hub, hub.token("tester"));
    }
}
