/** What the hub counts, by which names, and how it tells of what it refused. */
@NullMarked
package io.anabranch.metrics;

import org.jspecify.annotations.NullMarked;
