package io.anabranch.client;

/** {@code webroot/anabranch.js} in Node. Run {@code npm ci --prefix src/test/js} first. */
class JavaScriptClientTest extends ScenarioTest {
    JavaScriptClientTest() throws Exception {
        super("node", "src/test/js/live/scenarios.js");
    }
}
