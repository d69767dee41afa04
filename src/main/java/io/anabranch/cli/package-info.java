/** The command line. */
@NullMarked
package io.anabranch.cli;

import org.jspecify.annotations.NullMarked;
