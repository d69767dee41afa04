package io.anabranch.pages;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import io.anabranch.testing.TestHub;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A visitor breaks the connection of the lab in every way that the page offers. */
@Tag("browser")
class LabPageTest {
    @Order(1)
    @RegisterExtension
    static final TestHub hub = DemoHub.create().heartbeat(1_000);

    @Order(2)
    @RegisterExtension
    static final Chromium chromium = new Chromium(hub);

    @Test
    void losesAndRepeatsNothingWhateverIsBroken() {
        Window lab = chromium.open("/demo/lab.html").losingConnections();
        lab.says("Open, over WebSocket");
        more(lab);
        lab.button("Cut WebSocket").click();
        lab.says("Open, over SSE");
        more(lab);
        lab.button("Cut SSE").click();
        lab.says("Open, over WebSocket");
        more(lab);
        lab.button("Stall").click();
        assertThat(lab.find("#bar [role=status]")).not().hasText("Open, over WebSocket");
        lab.button("No fault").click();
        assertThat(lab.find("#bar [role=status]"))
                .hasText(java.util.regex.Pattern.compile("Open, over .*"));
        more(lab);
        assertThat(lab.find(".notice")).hasCount(0);
        lab.shows("#repeats", "0");
        lab.shows("#gaps", "0");
        Locator rows = lab.find("#list li");
        assertThat(rows.filter(with("From WebSocket to SSE"))).not().hasCount(0);
        assertThat(rows.filter(with("From SSE to WebSocket"))).not().hasCount(0);
    }

    private static Locator.FilterOptions with(String text) {
        return new Locator.FilterOptions().setHasText(text);
    }

    private static void more(Window lab) {
        int before = lab.number("#messages");
        lab.page().waitForCondition(() -> lab.number("#messages") > before + 20);
    }
}
