/** What other protocols have of the hub: the seam that /sse, /ws and /api are on. */
@NullMarked
package io.anabranch.adapter;

import org.jspecify.annotations.NullMarked;
