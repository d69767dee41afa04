package io.anabranch.client;

import java.util.List;

/**
 * A part of a channel's past, oldest first.
 *
 * @param cursor where the next page begins
 * @param more whether there is one
 */
public record HistoryPage(List<HubMessage> messages, String cursor, boolean more) {}
