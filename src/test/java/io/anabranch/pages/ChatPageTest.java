package io.anabranch.pages;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import java.util.List;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The chat in browsers, against a real hub. */
@Tag("browser")
class ChatPageTest {
    @Order(1)
    @RegisterExtension
    static final TestHub hub = DemoHub.create();

    @Order(2)
    @RegisterExtension
    static final Chromium chromium = new Chromium(hub);

    @Test
    void chatJoinsAWebSocketAndAnSseWindow() {
        Window ann = chromium.open("/demo/chat.html").over("WebSocket");
        Window bob = chromium.open("/demo/chat.html").over("SSE");
        name(ann, "Ann");
        name(bob, "Bob <i>");
        ann.say("hello over the socket");
        assertThat(bob.find("#talk .said")).hasCount(1);
        bob.say("hello back");
        assertThat(ann.find("#talk .said")).hasCount(2);
        ann.say(Window.MARKUP);

        for (Window window : List.of(ann, bob)) {
            assertThat(window.find("#talk .said"))
                    .hasText(new String[] {"hello over the socket", "hello back", Window.MARKUP});
            assertThat(window.find("#talk .who")).hasText(new String[] {"Ann", "Bob <i>", "Ann"});
            assertThat(window.find("#talk img, #talk b, #talk i")).hasCount(0);
        }
        assertThat(ann.find("#talk li[data-via=websocket]")).hasCount(3);
        assertThat(bob.find("#talk li[data-via=sse]")).hasCount(3);
        assertThat(ann.attributes("#talk li", "title"))
                .isEqualTo(bob.attributes("#talk li", "title"));
        assertThat(ann.openSockets()).isEqualTo(1);
        assertThat(bob.openSockets()).isZero();
        assertThat(ann.requests("GET /sse")).isZero();
        assertThat(bob.requests("GET /sse")).isPositive();
    }

    @Test
    void chatShowsWhoIsInTheRoom() {
        Window ann = chromium.open("/demo/chat.html?room=quay").over("WebSocket");
        assertThat(ann.find("#here")).hasText("Here: 1 guest");
        Window bob = chromium.open("/demo/chat.html?room=quay").over("SSE");
        assertThat(ann.find("#here")).hasText("Here: 2 guests");
        assertThat(bob.find("#here")).hasText("Here: 2 guests");
        bob.choose("WebSocket");
        bob.say("still here");
        assertThat(ann.find("#talk .said")).hasCount(1);
        assertThat(ann.find("#here")).hasText("Here: 2 guests");
        bob.button("harbour").click();
        assertThat(ann.find("#here")).hasText("Here: 1 guest");
    }

    @Test
    void chatShowsWhatWasSaidBeforeOneJoined() throws Exception {
        for (int i = 1; i <= 60; i++) {
            rest().publish("chat:lobby", "{\"name\":\"Ann\",\"text\":\"number " + i + "\"}");
        }
        Window late = chromium.open("/demo/chat.html?transport=sse");
        assertThat(late.find("#talk .said")).hasCount(50);
        assertThat(late.find("#talk .said").first()).hasText("number 11");
        assertThat(late.find("#talk .said").last()).hasText("number 60");
        assertThat(late.find("#talk .said").last()).isInViewport();
    }

    @ParameterizedTest
    @ValueSource(strings = {"WebSocket", "SSE"})
    void chatGoesFromRoomToRoom(String transport) {
        Window ann = chromium.open("/demo/chat.html").over(transport);
        Window bob = chromium.open("/demo/chat.html?room=harbour").over(transport);
        ann.say("in the lobby");
        assertThat(ann.find("#talk .said")).hasText(new String[] {"in the lobby"});

        ann.button("harbour").click();
        assertThat(ann.find("#empty")).isVisible();
        bob.say("in the harbour");
        assertThat(ann.find("#talk .said")).hasText(new String[] {"in the harbour"});

        ann.field("Room").fill("quay/7");
        ann.field("Room").press("Enter");
        assertThat(ann.find("#talk .said")).hasCount(0);
        ann.say("nobody here");
        assertThat(ann.find("#talk .said")).hasText(new String[] {"nobody here"});

        ann.button("lobby").click();
        assertThat(ann.find("#talk .said")).hasText(new String[] {"in the lobby"});
        assertThat(bob.find("#talk .said")).hasText(new String[] {"in the harbour"});
    }

    @Test
    void chatKeepsTheConversationWhenTheTransportChanges() {
        Window ann = chromium.open("/demo/chat.html");
        String[] said = {"one", "two", "three", "four"};
        String[] transports = {"WebSocket", "SSE", "WebSocket", "Automatic"};
        for (int i = 0; i < said.length; i++) {
            ann.choose(transports[i]);
            ann.say(said[i]);
            assertThat(ann.find("#talk .said")).hasCount(i + 1);
        }
        assertThat(ann.find("#talk .said")).hasText(said);
        assertThat(ann.find(".notice")).hasCount(0);
    }

    private static void name(Window window, String name) {
        window.field("Your name").fill(name);
        window.field("Your name").press("Tab");
    }

    private static Rest rest() {
        return new Rest(hub, hub.token("tester"));
    }
}
