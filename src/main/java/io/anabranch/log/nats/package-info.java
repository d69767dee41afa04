/**
 * The log in a NATS JetStream stream, which several hubs share. The stream's sequence is the
 * message's place. Each hub follows the whole stream: it has in memory where each channel's
 * messages stand, and the newest messages themselves, and asks the broker for older ones.
 */
@NullMarked
package io.anabranch.log.nats;

import org.jspecify.annotations.NullMarked;
