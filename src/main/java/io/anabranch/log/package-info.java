/**
 * The one ordered record of messages and what can be asked of it: append, read after a cursor,
 * follow the tail. One class an engine.
 */
@NullMarked
package io.anabranch.log;

import org.jspecify.annotations.NullMarked;
