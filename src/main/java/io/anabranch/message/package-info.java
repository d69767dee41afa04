/**
 * What a message, an id, a channel name and a pattern are. Values only: nothing here does I/O or
 * knows a thread.
 */
@NullMarked
package io.anabranch.message;

import org.jspecify.annotations.NullMarked;
