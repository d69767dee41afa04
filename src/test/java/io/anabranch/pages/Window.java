package io.anabranch.pages;

import static com.microsoft.playwright.assertions.PlaywrightAssertions.assertThat;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.ConsoleMessage;
import com.microsoft.playwright.Dialog;
import com.microsoft.playwright.Locator;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Request;
import com.microsoft.playwright.Response;
import com.microsoft.playwright.WebSocket;
import com.microsoft.playwright.options.AriaRole;
import java.net.URI;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A page in a browser of its own. It remembers what went wrong in it and how it reached the hub.
 */
final class Window {
    /** What must be seen as it is written, wherever a visitor can write. */
    static final String MARKUP = "<img src=x onerror=alert(1)><b>bold</b> & &lt;";

    /** True when the canvas has a good many points in the colour of its line. */
    private static final String INKED =
            """
            selector => {
              const canvas = document.querySelector(selector);
              const probe = document.createElement('canvas').getContext('2d');
              probe.fillStyle = getComputedStyle(canvas).getPropertyValue('--main').trim();
              probe.fillRect(0, 0, 1, 1);
              const [r, g, b] = probe.getImageData(0, 0, 1, 1).data;
              const { width, height } = canvas;
              const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
              let inked = 0;
              for (let i = 0; i < data.length; i += 4) {
                if (data[i] === r && data[i + 1] === g && data[i + 2] === b) inked += 1;
              }
              return inked > 100;
            }
            """;

    private final BrowserContext context;
    private final Page page;
    private final List<String> errors = new ArrayList<>();
    private final Set<Integer> expected = new HashSet<>();
    private final List<WebSocket> sockets = new ArrayList<>();
    private final List<String> requests = new ArrayList<>();
    private boolean losesConnections;

    Window(BrowserContext context) {
        this.context = context;
        context.setDefaultTimeout(20_000);
        page = context.newPage();
        page.onConsoleMessage(this::noteConsole);
        page.onPageError(error -> errors.add("thrown: " + error));
        page.onCrash(crashed -> errors.add("the page crashed"));
        page.onDialog(this::noteDialog);
        page.onResponse(this::noteResponse);
        page.onRequest(this::noteRequest);
        page.onWebSocket(sockets::add);
    }

    /** From now on a lost connection, which the browser itself reports, is no error of the page. */
    Window losingConnections() {
        losesConnections = true;
        return this;
    }

    private void noteConsole(ConsoleMessage message) {
        String text = message.text();
        boolean lost = text.contains("net::ERR_") || text.startsWith("WebSocket ");
        boolean isExpected =
                lost && losesConnections
                        || expected.stream().anyMatch(it -> text.contains("a status of " + it));
        if (message.type().equals("error") && !isExpected) {
            errors.add("console: " + text + " at " + message.location());
        }
    }

    private void noteDialog(Dialog dialog) {
        errors.add("dialog: " + dialog.message());
        dialog.dismiss();
    }

    private void noteResponse(Response response) {
        if (response.status() >= 400 && !expected.contains(response.status())) {
            errors.add(response.status() + ": " + response.url());
        }
    }

    private void noteRequest(Request request) {
        requests.add(request.method() + " " + URI.create(request.url()).getPath());
    }

    /** Takes answers of this status for what the test wants, and no error. */
    Window expecting(int status) {
        expected.add(status);
        return this;
    }

    Page page() {
        return page;
    }

    Locator find(String selector) {
        return page.locator(selector);
    }

    /** The elements that have this text somewhere in them. */
    Locator find(String selector, String text) {
        return page.locator(selector, new Page.LocatorOptions().setHasText(text));
    }

    Locator button(String name) {
        return page.getByRole(
                AriaRole.BUTTON, new Page.GetByRoleOptions().setName(name).setExact(true));
    }

    /** The field with this label. */
    Locator field(String label) {
        return page.getByLabel(label, new Page.GetByLabelOptions().setExact(true));
    }

    /** Sends what the page has a field named Message for. */
    void say(String text) {
        field("Message").fill(text);
        field("Message").press("Enter");
    }

    /** Chooses a transport as a visitor does, and waits until the page says that it is in use. */
    Window over(String transport) {
        choose(transport);
        says("Open, over " + transport);
        return this;
    }

    void choose(String transport) {
        page.getByRole(
                        AriaRole.RADIO,
                        new Page.GetByRoleOptions().setName(transport).setExact(true))
                .check();
    }

    /** Waits for the status line to say this. */
    void says(String words) {
        assertThat(find("#bar [role=status]")).hasText(words);
    }

    /** Waits until the element has a text that the regular expression matches wholly. */
    void shows(String selector, String regex) {
        assertThat(find(selector)).hasText(Pattern.compile("^" + regex + "$"));
    }

    /** Waits until the canvas shows a line in the colour of the main stream. */
    void draws(String selector) {
        page.waitForFunction(INKED, selector);
    }

    String text(String selector) {
        return find(selector).innerText();
    }

    int number(String selector) {
        return Integer.parseInt(text(selector).replace(",", ""));
    }

    /** The attribute of each element that there is now, in the order of the page. */
    List<String> attributes(String selector, String name) {
        Object found =
                find(selector)
                        .evaluateAll("(all, name) => all.map(e => e.getAttribute(name))", name);
        return ((List<?>) found).stream().map(String.class::cast).toList();
    }

    /** How many WebSockets are open now. */
    long openSockets() {
        page.evaluate("1"); // What happened before this has been noted after it.
        return sockets.stream().filter(socket -> !socket.isClosed()).count();
    }

    /** How often the page asked for this, a method and a path, since it was opened. */
    long requests(String methodAndPath) {
        page.evaluate("1");
        return requests.stream().filter(methodAndPath::equals).count();
    }

    /** Closes it; the result is what went wrong in it. */
    List<String> close() {
        if (!errors.contains("the page crashed")) {
            page.evaluate("1");
        }
        context.close();
        return List.copyOf(errors);
    }

    @Override
    public String toString() {
        return page.url();
    }
}
