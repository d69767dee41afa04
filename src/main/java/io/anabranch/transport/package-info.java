/** Bytes on a socket; nothing here knows a channel. */
@NullMarked
package io.anabranch.transport;

import org.jspecify.annotations.NullMarked;
