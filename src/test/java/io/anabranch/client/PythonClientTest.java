package io.anabranch.client;

/** {@code src/client/python}, with the Python that {@code src/test/run} prepares. */
class PythonClientTest extends ScenarioTest {
    PythonClientTest() throws Exception {
        super("src/client/python/.venv/bin/python", "src/client/python/tests/scenarios.py");
    }
}
