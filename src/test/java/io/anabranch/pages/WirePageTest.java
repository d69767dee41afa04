package io.anabranch.pages;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.Locator;
import com.microsoft.playwright.options.SelectOption;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The page that shows a connection as it is, on both transports. */
@Tag("browser")
class WirePageTest {
    @Order(1)
    @RegisterExtension
    static final TestHub hub = DemoHub.create();

    @Order(2)
    @RegisterExtension
    static final Chromium chromium = new Chromium(hub);

    private final Rest rest = new Rest(hub, hub.token("tester"));

    @Test
    void showsTheAddressThatItWillAsk() {
        Window wire = chromium.open("/demo/wire.html?transport=sse");
        wire.field("Channels and patterns").fill("chat:a chat:b*");
        wire.field("Conflate, ms").fill("");
        wire.field("Envelope").check();
        String sse = hub.uri("/sse?channel=chat:a&channel=chat:b*&last=1&envelope=true").toString();
        assertThat(wire.find("#url")).hasText(sse);
        wire.choose("WebSocket");
        String ws = hub.uri("/ws?channel=chat:a&channel=chat:b*&last=1").toString();
        assertThat(wire.find("#url")).hasText(ws.replace("http:", "ws:"));
    }

    @ParameterizedTest
    @CsvSource({"WebSocket, SSE", "SSE, WebSocket", "SSE, SSE", "WebSocket, WebSocket"})
    void goesOnFromTheLastIdOverEitherTransport(String first, String second) throws Exception {
        String channel = "chat:" + first + "-" + second;
        Window wire = connected(first, channel);
        rest.publish(channel, "\"before\"");
        assertThat(came(wire, "before")).hasCount(1);
        wire.button("Cut").click();
        wire.says("Closed");
        rest.publish(channel, "\"while away\"");
        wire.choose(second);
        wire.button("Go on from the last id").click();
        assertThat(came(wire, "while away")).hasCount(1);
        assertThat(came(wire, "before")).hasCount(1);
        wire.says("Open, over " + second);
    }

    private static Window connected(String transport, String channel) {
        Window wire = chromium.open("/demo/wire.html");
        wire.choose(transport);
        wire.field("Channels and patterns").fill(channel);
        wire.button("Connect").click();
        wire.says("Open, over " + transport);
        assertThat(wire.find("#cursor")).not().hasText("none");
        return wire;
    }

    private static Locator came(Window wire, String text) {
        return wire.find("#raw div:not(.own)", text);
    }

    @Test
    void sendsFramesAndShowsTheirAnswers() {
        Window wire = connected("WebSocket", "chat:lobby");
        wire.find("#example").selectOption(new SelectOption().setIndex(0));
        wire.button("Send").click();
        assertThat(wire.find("#raw [data-frame=ok]")).hasCount(1);
        assertThat(wire.find("#raw [data-frame=message]")).hasCount(1);
        wire.field("Frame").fill(Window.MARKUP);
        wire.button("Send").click();
        assertThat(wire.find("#raw [data-frame=error]")).containsText("bad_request");
        assertThat(wire.find("#raw img")).hasCount(0);
        wire.says("Open, over WebSocket");
    }

    @Test
    void showsWhyItIsRefused() {
        Window wire = chromium.open("/demo/wire.html").expecting(401);
        wire.field("Channels and patterns").fill("secret:a");
        wire.button("Connect").click();
        assertThat(wire.find("#raw .own").last())
                .hasText(Pattern.compile("Closed: 4401 .*secret:a.*"));
        wire.choose("SSE");
        wire.button("Connect").click();
        assertThat(wire.find("#raw .own").last()).hasText(Pattern.compile(".*401.*secret:a.*"));
        wire.field("Token (may be left empty)").fill(hub.token("ann"));
        wire.button("Connect").click();
        wire.says("Open, over SSE");
    }
}
