/** A hub as a part of another Vert.x application. */
@NullMarked
package io.anabranch;

import org.jspecify.annotations.NullMarked;
