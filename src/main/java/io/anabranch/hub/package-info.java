/** The rules between a publisher and the log, and who hears of what was appended. */
@NullMarked
package io.anabranch.hub;

import org.jspecify.annotations.NullMarked;
