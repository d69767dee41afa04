package io.anabranch.pages;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page.ScreenshotOptions;
import com.microsoft.playwright.options.ColorScheme;
import io.anabranch.auth.Grants;
import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The console in a browser, on the management port of a real hub. */
@Tag("browser")
class ConsolePageTest {
    private static final Path PICTURES = Path.of("target", "screenshots");

    @Order(1)
    @RegisterExtension
    static final TestHub hub = DemoHub.create();

    @Order(2)
    @RegisterExtension
    static final Chromium chromium = new Chromium(hub);

    @Test
    void showsNothingWithoutTheTokenOfAnAdministrator() throws Exception {
        Window console = console(ColorScheme.LIGHT).expecting(401).expecting(403);
        assertThat(console.find("#desk")).isHidden();
        console.field("Admin token").fill("a.b.c");
        console.button("Open").click();
        assertThat(console.find("#enter-refusal")).containsText("Refused with 401");
        console.field("Admin token").fill(hub.token("alice"));
        console.button("Open").click();
        assertThat(console.find("#enter-refusal")).containsText("Refused with 403");
        assertThat(console.find("#desk")).isHidden();
    }

    @Test
    void showsWhoIsConnectedAndEndsThem() throws Exception {
        try (WsClient alice =
                        new WsClient(
                                hub,
                                "/ws?channel=chat:a&client=client-of-alice",
                                hub.token("alice"));
                SseReader bob = new SseReader(hub, "/sse?channel=chat:b", hub.token("bob"))) {
            bob.next();
            Window console = opened();
            Locator row = console.find("tr", "alice");
            assertThat(row).containsText("WebSocket");
            assertThat(row).containsText("chat:a");
            assertThat(console.find("tr", "bob")).containsText("SSE");
            console.field("Of the user").fill("alice");
            assertThat(console.find("tr", "bob")).hasCount(0);
            console.button("Disconnect alice").click();
            assertThat(alice.closeCode()).isEqualTo(4403);
            assertThat(row).hasCount(0);
        }
    }

    @Test
    void countsAClientThatChangesItsTransport() throws Exception {
        Window console = opened();
        try (WsClient first =
                        new WsClient(
                                hub,
                                "/ws?channel=chat:a&client=client-of-carol",
                                hub.token("carol"));
                SseReader second =
                        new SseReader(
                                hub,
                                "/sse?channel=chat:a&client=client-of-carol",
                                hub.token("carol"))) {
            second.next();
            first.next("ready");
            assertThat(figure(console, "switched to SSE, 5 min")).hasText("1");
        }
    }

    @Test
    void tailsAChannelAndPublishes() {
        Window console = opened();
        console.field("Channel").fill("chat:tailed");
        console.field("Data, as JSON").fill("{\"text\":\"" + "<b>one</b>" + "\"}");
        console.button("Publish").click();
        assertThat(console.find(".channels [role=status]")).containsText("Stored as ");
        console.field("That begin with").fill("chat:tai");
        console.button("Tail chat:tailed").click();
        assertThat(console.find(".stream li")).hasCount(1);
        assertThat(console.find(".stream li")).containsText("<b>one</b>");
        console.field("Data, as JSON").fill("no JSON");
        console.button("Publish").click();
        assertThat(console.find(".channels [role=status]")).containsText("Data is no JSON");
        console.field("Data, as JSON").fill("2");
        console.button("Publish").click();
        assertThat(console.find(".stream li")).hasCount(2);
        console.button("Stop").click();
        assertThat(console.find(".stream li")).hasCount(0);
    }

    @Test
    void revokesAndLifts() throws Exception {
        try (WsClient mallory = new WsClient(hub, "/ws?channel=chat:m", hub.token("mallory"))) {
            Window console = opened();
            console.field("Name").fill("mallory");
            console.button("Revoke").click();
            assertThat(mallory.closeCode()).isEqualTo(4401);
            assertThat(console.find("tr", "sub:mallory")).isVisible();
            console.button("Lift sub:mallory").click();
            assertThat(console.find("tr", "sub:mallory")).hasCount(0);
        }
    }

    @Test
    void showsWhatTheHubRefused() throws Exception {
        Rest nobody = new Rest(hub, "");
        assertThat(nobody.send("/api/v1/channels/secret:a/messages", "application/json", "1"))
                .satisfies(answer -> assertThat(answer.statusCode()).isGreaterThanOrEqualTo(400));
        Window console = opened();
        assertThat(console.find("tr", "request").first()).isVisible();
    }

    @Test
    void showsTheVerticles() {
        Window console = opened();
        Locator clock = console.find("tr", "demo/clock.js");
        assertThat(clock).containsText("JavaScript");
        assertThat(clock).containsText("running");
        assertThat(console.find("tr", "demo/stocks.groovy")).containsText("Groovy");
    }

    @ParameterizedTest
    @EnumSource(
            value = ColorScheme.class,
            names = {"LIGHT", "DARK"})
    void drawsWhatHappens(ColorScheme scheme) throws Exception {
        try (WsClient reader =
                new WsClient(hub, "/ws?channel=ticker:*&conflate=500", hub.token("dora"))) {
            reader.next("message");
            Window console = enter(console(scheme));
            assertThat(console.find(".plots canvas")).hasCount(4);
            for (String title : List.of("Connections", "Delivered a second", "Time to append")) {
                Locator value = console.find(".plot-panel", title).locator("dd").first();
                assertThat(value).not().hasText("–");
            }
            assertThat(console.find(".plot-panel", "Published a second").locator("dd"))
                    .not()
                    .hasText("0");
            console.draws("[aria-label='Delivered a second']");
            console.draws("[aria-label='Published a second']");
            console.page()
                    .screenshot(
                            new ScreenshotOptions()
                                    .setPath(PICTURES.resolve("console-" + scheme + ".png"))
                                    .setFullPage(true));
        }
    }

    private static Locator figure(Window console, String name) {
        return console.find(".figures > div", name).locator("dd");
    }

    private static Window opened() {
        return enter(console(ColorScheme.LIGHT));
    }

    private static Window console(ColorScheme scheme) {
        String address = "http://127.0.0.1:" + hub.managementPort() + "/";
        return chromium.open(address, 1440, 1000, scheme);
    }

    private static Window enter(Window console) {
        Grants all = new Grants(List.of("*"), List.of("*"), List.of(), List.of(), true);
        console.field("Admin token").fill(hub.token("operator", all, Duration.ofMinutes(5)));
        console.button("Open").click();
        assertThat(console.find("#desk")).isVisible();
        return console;
    }
}
