package io.anabranch.log.sqlite;

import io.anabranch.log.Appended;
import io.anabranch.log.Draft;
import io.vertx.core.Promise;

/** What waits for the writer. */
sealed interface Job {
    /** A draft that is to be appended. */
    record Waiting(Draft draft, Promise<Appended> promise) implements Job {}

    /** Something else that the writer does between two batches. */
    record Task(Runnable work, Promise<Void> done) implements Job {}
}
