/**
 * A load generator for a hub: many readers, publishers on a schedule, and a check of every message
 * that arrives.
 */
@NullMarked
package io.anabranch.bench;

import org.jspecify.annotations.NullMarked;
