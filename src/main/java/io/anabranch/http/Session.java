package io.anabranch.http;

/** One open connection of either transport, as the hub sees it from outside. */
interface Session {
    /** Tells the client why, and ends the connection. Does nothing when it has ended already. */
    void end(Closing closing);
}
