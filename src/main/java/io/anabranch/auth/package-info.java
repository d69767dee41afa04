/**
 * Who somebody is and what they may do: keys, tokens (protocol, section 7), permissions, tickets.
 */
@NullMarked
package io.anabranch.auth;

import org.jspecify.annotations.NullMarked;
