package io.anabranch.pages;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Page.ScreenshotOptions;
import com.microsoft.playwright.options.ColorScheme;
import com.microsoft.playwright.options.ScreenshotAnimations;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Each page, light and dark, on a phone and on a desk: nothing is wider than the window. The
 * pictures are in {@code target/screenshots}, for people to look at.
 */
@Tag("browser")
class PagesLookTest {
    private static final Path PICTURES = Path.of("target", "screenshots");

    @Order(1)
    @RegisterExtension
    static final TestHub hub = DemoHub.create();

    @Order(2)
    @RegisterExtension
    static final Chromium chromium = new Chromium(hub);

    /** The pages, with an element that each has once it is at work. */
    private enum Look {
        INDEX(".foot a >> nth=0"),
        CHAT("#talk li:nth-child(4)"),
        TICKER("#chart canvas"),
        LIBRARY("#shelf li:nth-child(2) .refusal:not(:empty)"),
        CLOCK("#list li:nth-child(2)"),
        DIGITS("#list li:nth-child(3)"),
        ACTION("#list li:nth-child(2)"),
        BOTH("#list li:nth-child(4) .tag:nth-child(2)"),
        FORMAT("#raw [data-field=data] >> nth=1"),
        WIRE("#raw [data-frame=message] >> nth=1"),
        LAB("#list li:nth-child(2)");

        private final String atWork;

        Look(String atWork) {
            this.atWork = atWork;
        }

        String page() {
            return name().toLowerCase(Locale.ROOT);
        }

        String path() {
            // Where one can choose, the transport is not left to how busy this machine is.
            String choice = this == DIGITS ? "?transport=sse" : "?transport=websocket";
            return this == INDEX ? "/" : "/demo/" + page() + ".html" + choice;
        }
    }

    @ParameterizedTest
    @EnumSource(Look.class)
    void fits(Look look) throws Exception {
        talk("chat:lobby");
        talk("chat:both");
        borrow("Ann", 2, 3, 7);
        borrow("Bartholomew of the Harbour", 4);
        for (String action : List.of("open the sluice", "a-long-word-".repeat(12))) {
            new Rest(hub, "").publish("demo:action", "{\"action\":\"" + action + "\"}");
        }
        for (ColorScheme scheme : List.of(ColorScheme.LIGHT, ColorScheme.DARK)) {
            fits(look, chromium.open(look.path(), 1280, 900, scheme), scheme, "wide");
            fits(look, chromium.open(look.path(), 360, 740, scheme), scheme, "narrow");
        }
    }

    private static void talk(String channel) throws Exception {
        List<String> said =
                List.of(
                        "Good morning. The water is high today.",
                        "<b>Not bold</b>, only said so.",
                        "https://example.com/" + "a-very-long-address/".repeat(8),
                        "A longer message, which goes over the end of its line on a phone and has"
                                + " to be wrapped there without pushing anything to the side.");
        for (String text : said) {
            String name = said.indexOf(text) % 2 == 0 ? "Ann" : "Bartholomew of the Harbour";
            String data = "{\"name\":\"" + name + "\",\"text\":\"" + text + "\"}";
            new Rest(hub, "").publish(channel, data);
        }
    }

    private static void borrow(String name, int... books) throws Exception {
        for (int book : books) {
            String data = "{\"book\":" + book + ",\"name\":\"" + name + "\"}";
            String path = "/api/v1/services/library.borrow";
            new Rest(hub, "").send(path, "application/json", data);
        }
    }

    private static void fits(Look look, Window window, ColorScheme scheme, String width) {
        begin(look, window);
        assertThat(window.find(look.atWork)).isVisible();
        String name = look.page() + "-" + scheme.name().toLowerCase(Locale.ROOT);
        window.page()
                .screenshot(
                        new ScreenshotOptions()
                                .setPath(PICTURES.resolve(name + "-" + width + ".png"))
                                .setAnimations(ScreenshotAnimations.DISABLED)
                                .setFullPage(true));
        assertThat((List<?>) window.page().evaluate(TOO_WIDE)).as(name + ", " + width).isEmpty();
    }

    private static void begin(Look look, Window window) {
        switch (look) {
            case DIGITS -> window.button("Start").click();
            case FORMAT -> {
                window.field("Channel").selectOption("ticker:ACME");
                window.field("Envelope").check();
                window.button("Connect").click();
            }
            case WIRE -> window.button("Connect").click();
            case TICKER -> assertThat(window.find(".tile .price:not(:empty)")).hasCount(200);
            case LIBRARY -> {
                window.field("Your name").fill("Bartholomew of the Harbour");
                assertThat(window.button("Return Treasure Island")).isVisible();
                window.button("Borrow Moby-Dick").click();
            }
            case LAB -> {
                assertThat(window.find("#median")).not().hasText("–");
                window.over("SSE");
            }
            default -> {}
        }
    }

    /**
     * What is wider than the window, if the page can be scrolled sideways: elements past its right
     * edge that no ancestor scrolls or clips.
     */
    private static final String TOO_WIDE =
            """
            () => {
              const width = document.documentElement.clientWidth;
              if (document.scrollingElement.scrollWidth <= width) return [];
              const wide = Array.from(document.body.querySelectorAll('*'))
                  .filter(e => e.getBoundingClientRect().right > width + 0.5)
                  .map(e => `${e.tagName} #${e.id} .${e.getAttribute('class')}`);
              return [`page of ${document.scrollingElement.scrollWidth} in ${width}`, ...wide];
            }
            """;
}
