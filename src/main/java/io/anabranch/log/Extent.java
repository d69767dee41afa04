package io.anabranch.log;

/**
 * How much a query would read.
 *
 * @param messages how many, over all pages
 * @param complete whether the log still holds all that came after the query's cursor
 */
public record Extent(long messages, boolean complete) {}
