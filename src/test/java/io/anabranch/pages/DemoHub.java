package io.anabranch.pages;

import io.anabranch.auth.Grants;
import io.anabranch.testing.MemoryLibrary;
import io.anabranch.testing.TestHub;
import java.util.List;

/** A hub with what the demo pages need: their verticles, and what visitors may do. */
final class DemoHub {
    private DemoHub() {}

    static TestHub create() {
        return new TestHub()
                .moderatedChat()
                .development(
                        "demo/clock.js",
                        "demo/digits.js",
                        "demo/stocks.groovy",
                        "demo/moderator.js",
                        MemoryLibrary.class.getName())
                .anonymous(
                        new Grants(
                                List.of("demo:*", "chat:*", "ticker:*"),
                                List.of("chat:*", "demo:action"),
                                List.of("chat:*"),
                                List.of("library.*"),
                                false));
    }
}
