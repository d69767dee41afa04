package io.anabranch.client;

/** One connection of a link: a socket or a stream, with subscriptions of its own. */
abstract class Wire {
    long heardAt = Timing.now();
    boolean ready;

    abstract void close();
}
