/**
 * The verticle behind the library's demo page; those of the others are scripts, in {@code demo} of
 * the resources. Of the hub they know the event bus alone, as any verticle outside it would: they
 * publish to {@code anabranch.publish} and answer on {@code service.<name>}.
 */
@NullMarked
package io.anabranch.demo;

import org.jspecify.annotations.NullMarked;
