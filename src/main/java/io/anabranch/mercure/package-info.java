/**
 * The Mercure protocol (draft-dunglas-mercure-07) on the hub's log, for publishers and subscribers
 * that speak it.
 */
@NullMarked
package io.anabranch.mercure;

import org.jspecify.annotations.NullMarked;
