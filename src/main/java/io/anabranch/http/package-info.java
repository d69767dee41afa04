/** The routes: {@code /sse}, {@code /ws}, {@code /api/v1}, pages and health. */
@NullMarked
package io.anabranch.http;

import org.jspecify.annotations.NullMarked;
