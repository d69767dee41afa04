package io.anabranch.bench;

/**
 * A message that is due.
 *
 * @param n its number among those of its publisher on its channel, from 0 on
 * @param atNanos when it is due, in ns since the run began
 */
record Outgoing(int publisher, int channel, long n, long atNanos) {}
