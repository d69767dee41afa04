/** The configuration (protocol, section 9): its schema, its reading, and its values as records. */
@NullMarked
package io.anabranch.config;

import org.jspecify.annotations.NullMarked;
