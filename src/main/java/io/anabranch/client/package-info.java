/**
 * The client of the hub, on Vert.x: {@link io.anabranch.client.HubClient#connect}. Names and
 * promises are those of {@code anabranch.js} (protocol, section 10). Everything happens on one
 * context of Vert.x, so nothing below {@code HubClient} is locked.
 */
@NullMarked
package io.anabranch.client;

import org.jspecify.annotations.NullMarked;
