package io.anabranch.demo;

import io.vertx.core.json.JsonObject;
import org.jspecify.annotations.Nullable;

/**
 * A book, on the shelf or lent.
 *
 * @param version how often it was lent and returned: of two states the newer has the higher one
 * @param loan null while it is on the shelf
 */
record Book(long id, String title, String author, int year, long version, @Nullable Loan loan) {

    /**
     * Who has it.
     *
     * @param since in ms since 1970 UTC
     */
    record Loan(Reader reader, long since) {}

    /**
     * The book as it is published: {@code borrowedBy}, {@code guest} and {@code since} when lent.
     */
    JsonObject toJson() {
        JsonObject json =
                new JsonObject()
                        .put("id", id)
                        .put("title", title)
                        .put("author", author)
                        .put("year", year)
                        .put("version", version);
        return loan == null
                ? json
                : json.put("borrowedBy", loan.reader().name())
                        .put("guest", loan.reader().guest())
                        .put("since", loan.since());
    }
}
