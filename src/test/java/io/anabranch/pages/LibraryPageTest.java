package io.anabranch.pages;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import com.microsoft.playwright.Locator;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The library in browsers, against a real hub. */
@Tag("browser")
class LibraryPageTest {
    /** As long as a name may be. */
    private static final String MARKUP = Window.MARKUP.substring(0, 39);

    @Order(1)
    @RegisterExtension
    static final TestHub hub = DemoHub.create();

    @Order(2)
    @RegisterExtension
    static final Chromium chromium = new Chromium(hub);

    @ParameterizedTest
    @CsvSource({"WebSocket, SSE", "SSE, WebSocket"})
    void whatOneBorrowsAndReturnsTheOtherSees(String one, String other) {
        Window ann = reader("Ann", one);
        Window bob = reader("Bob", other);
        ann.button("Borrow Moby-Dick").click();
        assertThat(ann.button("Return Moby-Dick")).isVisible();
        assertThat(state(ann)).hasText(Pattern.compile("^You have it since \\d\\d:\\d\\d:\\d\\d$"));
        assertThat(state(bob)).hasText(Pattern.compile("^Ann has it since \\d\\d:\\d\\d:\\d\\d$"));
        assertThat(bob.find("#news")).hasText("Ann has borrowed Moby-Dick.");
        assertThat(bob.find(".mine")).hasCount(0);

        ann.button("Return Moby-Dick").click();
        for (Window window : new Window[] {ann, bob}) {
            assertThat(state(window)).hasText("On the shelf");
            assertThat(window.button("Borrow Moby-Dick")).isVisible();
        }
        assertThat(bob.find("#news")).hasText("Moby-Dick is on the shelf.");
    }

    @ParameterizedTest
    @ValueSource(strings = {"WebSocket", "SSE"})
    void aRefusedBorrowSaysWhy(String transport) throws Exception {
        Window bob = reader("Bob", transport).expecting(409);
        borrow(2, MARKUP);
        assertThat(state(bob)).containsText("has it since");
        bob.button("Borrow Moby-Dick").click();
        Locator refusal = bob.find("[data-book='2'] .refusal");
        assertThat(refusal).hasText("Not borrowed: Moby-Dick is borrowed by " + MARKUP + ".");
        assertThat(bob.find("#shelf img")).hasCount(0);
        bob.button("Borrow Treasure Island").click();
        assertThat(bob.button("Return Treasure Island")).isFocused();
        assertThat(bob.requests("POST /api/v1/services/library.borrow"))
                .isEqualTo(transport.equals("SSE") ? 2 : 0);
    }

    @Test
    void theShelfIsAsItWasLeft() throws Exception {
        borrow(4, "Ann");
        Window bob = chromium.open("/demo/library.html");
        assertThat(bob.find("#shelf li")).hasCount(12);
        assertThat(bob.find("[data-book='4'] .state")).containsText("Ann has it since");
        assertThat(bob.find("#empty")).isHidden();

        bob.button("Borrow Moby-Dick").click();
        assertThat(bob.button("Return Moby-Dick")).isVisible();
        bob.page().reload();
        assertThat(bob.button("Return Moby-Dick")).isVisible();
    }

    @Test
    void nobodyBorrowsWithoutAName() {
        Window nobody = reader(" ", "SSE");
        nobody.button("Borrow Moby-Dick").click();
        assertThat(nobody.field("Your name")).isFocused();
        assertThat(nobody.find("#name:invalid")).hasCount(1);
        assertThat(nobody.requests("POST /api/v1/services/library.borrow")).isZero();
    }

    private static Window reader(String name, String transport) {
        Window window = chromium.open("/demo/library.html").over(transport);
        window.field("Your name").fill(name);
        assertThat(window.find("#shelf li")).hasCount(12);
        return window;
    }

    private static Locator state(Window window) {
        return window.find("[data-book='2'] .state");
    }

    private static void borrow(int book, String name) throws Exception {
        String data = "{\"book\":" + book + ",\"name\":\"" + name + "\"}";
        var answer =
                new Rest(hub, "").send("/api/v1/services/library.borrow", "application/json", data);
        assertThat(answer.statusCode()).isEqualTo(200);
    }
}
