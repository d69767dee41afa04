/** The event-bus contract and the verticles that live by it. */
@NullMarked
package io.anabranch.polyglot;

import org.jspecify.annotations.NullMarked;
