/**
 * The verticles that feed the demo pages. They know the event bus address {@code anabranch.publish}
 * and nothing else of the hub, as any verticle outside it would.
 */
@NullMarked
package io.anabranch.demo;

import org.jspecify.annotations.NullMarked;
