package io.anabranch.pages;

import com.microsoft.playwright.Browser;
import com.microsoft.playwright.BrowserType.LaunchOptions;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Playwright;
import com.microsoft.playwright.assertions.PlaywrightAssertions;
import com.microsoft.playwright.options.ColorScheme;
import io.anabranch.testing.FaultProxy;
import io.anabranch.testing.TestHub;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store.CloseableResource;

/**
 * The Chromium of this machine, started once for all tests. Each test opens windows of its own,
 * which are closed after it; an error in any of them, at any time, fails the test.
 */
final class Chromium implements BeforeAllCallback, AfterEachCallback {
    private static final Path EXECUTABLE = Path.of("/usr/bin/chromium");
    private static final List<String> ARGUMENTS =
            List.of(
                    "--no-sandbox",
                    "--disable-gpu",
                    "--disable-quic",
                    "--no-first-run",
                    "--disable-background-networking",
                    "--disable-component-update",
                    "--disable-sync");

    private final TestHub hub;
    private final List<Window> windows = new ArrayList<>();
    private final List<FaultyWindow> faultyWindows = new ArrayList<>();
    private Started started;

    /**
     * @param hub where the pages are, running whenever a window is open
     */
    Chromium(TestHub hub) {
        this.hub = hub;
    }

    /** Opens a page of the hub in a window that shares nothing with the others. */
    Window open(String path) {
        return open(path, 1280, 900, ColorScheme.LIGHT);
    }

    Window open(String path, int width, int height, ColorScheme scheme) {
        Browser.NewContextOptions options =
                new Browser.NewContextOptions()
                        .setBaseURL(hub.uri("/").toString())
                        .setViewportSize(width, height)
                        .setColorScheme(scheme)
                        .setIgnoreHTTPSErrors(true)
                        .setTimezoneId("UTC");
        Window window = new Window(started.browser.newContext(options));
        windows.add(window);
        window.page().navigate(path);
        return window;
    }

    /**
     * A page of the hub's origin without scripts as it is behind a fault proxy, with the scripts of
     * {@code src/test/js} below {@code /test/}. Its network fails on purpose, so that only what is
     * thrown in it counts as an error.
     */
    Page openBehind(FaultProxy proxy) {
        // Its scripts ask the control port, which the hub's pages may not.
        Browser.NewContextOptions options = new Browser.NewContextOptions().setBypassCSP(true);
        FaultyWindow window = new FaultyWindow(started.browser.newContext(options));
        faultyWindows.add(window);
        window.open(proxy);
        return window.page();
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        started =
                context.getRoot()
                        .getStore(Namespace.create(Chromium.class))
                        .getOrComputeIfAbsent(Started.class, key -> start(), Started.class);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        SoftAssertions softly = new SoftAssertions();
        for (Window window : windows) {
            softly.assertThat(window.close()).as("errors of %s", window).isEmpty();
        }
        windows.clear();
        for (FaultyWindow window : faultyWindows) {
            softly.assertThat(window.close()).as("what a page behind a proxy threw").isEmpty();
        }
        faultyWindows.clear();
        softly.assertAll();
    }

    private static Started start() {
        PlaywrightAssertions.setDefaultAssertionTimeout(20_000);
        if (!Files.isExecutable(EXECUTABLE)) {
            throw new AssertionError(
                    "no Chromium at " + EXECUTABLE + " (on Debian: apt-get install chromium)");
        }
        Playwright playwright =
                Playwright.create(
                        new Playwright.CreateOptions()
                                .setEnv(Map.of("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1")));
        LaunchOptions options =
                new LaunchOptions().setExecutablePath(EXECUTABLE).setArgs(ARGUMENTS);
        return new Started(playwright, playwright.chromium().launch(options));
    }

    private record Started(Playwright playwright, Browser browser) implements CloseableResource {
        @Override
        public void close() {
            browser.close();
            playwright.close();
        }
    }
}
