package io.anabranch.pages;

import com.microsoft.playwright.BrowserContext;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.Route;
import io.anabranch.testing.FaultProxy;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A page without scripts whose network fails on purpose: only what its scripts throw is an error.
 */
final class FaultyWindow {
    private static final String SCRIPTS = "/test/";

    private final BrowserContext context;
    private final Page page;
    private final List<String> errors = new ArrayList<>();

    FaultyWindow(BrowserContext context) {
        this.context = context;
        page = context.newPage();
        page.setDefaultTimeout(20_000);
        page.onPageError(errors::add);
        page.route("**" + SCRIPTS + "**", FaultyWindow::answer);
    }

    private static void answer(Route route) {
        String path = URI.create(route.request().url()).getPath().substring(SCRIPTS.length());
        route.fulfill(new Route.FulfillOptions().setPath(Path.of("src/test/js", path)));
    }

    /** What the hub itself serves: Chromium lets no intercepted page ask the control port. */
    void open(FaultProxy proxy) {
        page.navigate(proxy.uri("/health/live").toString());
    }

    Page page() {
        return page;
    }

    /** Closes it; the result is what was thrown in it. */
    List<String> close() {
        context.close();
        return List.copyOf(errors);
    }
}
