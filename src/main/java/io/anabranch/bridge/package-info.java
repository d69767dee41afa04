/** The Vert.x event bus bridge on the hub's log, for clients that speak it. */
@NullMarked
package io.anabranch.bridge;

import org.jspecify.annotations.NullMarked;
