package io.anabranch.auth;

import java.net.URI;

/**
 * Where an issuer publishes its keys (RFC 7517 §5), and how often they are read.
 *
 * @param url of https, or of http on loopback
 * @param refreshMs how often they are read again, in ms
 * @param pauseMs the least time between two reads that tokens ask for, and the time after a failure
 *     until the next try, in ms
 */
public record JwksOptions(URI url, long refreshMs, long pauseMs) {
    /** Long enough that tokens with made-up key ids are no load for the issuer. */
    public static final long DEFAULT_PAUSE_MS = 5_000;
}
