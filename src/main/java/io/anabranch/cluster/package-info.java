/**
 * What hubs that share a log share beside it: who is present, what is revoked, tickets, and
 * questions to each other. Small things by messages of NATS, what must last in key-value buckets
 * beside the log's stream. One hub alone has none of it.
 */
@NullMarked
package io.anabranch.cluster;

import org.jspecify.annotations.NullMarked;
