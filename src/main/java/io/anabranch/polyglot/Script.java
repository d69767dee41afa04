package io.anabranch.polyglot;

import io.vertx.core.Future;

/** A script that has run once and left handlers behind. For its verticle's thread alone. */
interface Script extends AutoCloseable {

    /** Runs the file; what it fails with, {@link #explain} explains. */
    void run();

    /** Called before each turn: what a turn may use up is whole again. */
    default void refill() {}

    /** Calls the script's {@code stop}, if it has one. Completes when the script says so. */
    Future<?> stop();

    /**
     * Breaks off the turn that is in progress, whose thread is interrupted after that. By any
     * thread; may block for a second.
     */
    default void interrupt() {}

    /** What a turn failed with, in words for who wrote the script. */
    ScriptFailure explain(Throwable failure);

    /** Lets go of what the language holds for it. */
    @Override
    void close();
}
