/**
 * The delivery state machine and its encoders: one {@code Fanout} an event loop, one {@code
 * Subscriber} a connection.
 */
@NullMarked
package io.anabranch.stream;

import org.jspecify.annotations.NullMarked;
