package io.anabranch.http;

import io.anabranch.testing.TestHub;

/** With a log in memory, which appends at once. */
class DirectPublishTest extends DirectPublishContract {
    DirectPublishTest() {
        super(new TestHub());
    }
}
