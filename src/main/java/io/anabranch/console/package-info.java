/** What operators reach, on a port of its own. */
@NullMarked
package io.anabranch.console;

import org.jspecify.annotations.NullMarked;
