package io.anabranch.demo;

import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.sqlite.SQLiteDataSource;

/**
 * The books, in SQLite. Its methods block, and are for one thread at a time. What a reader may not
 * do fails as the service does, with an HTTP status and a sentence.
 */
final class Shelf implements AutoCloseable {

    /** A path for a shelf that is gone when it is closed. */
    static final String IN_MEMORY = ":memory:";

    private static final int BUSY_MS = 5000;

    private static final String CREATE =
            """
            CREATE TABLE IF NOT EXISTS book (
              id INTEGER PRIMARY KEY,
              title TEXT NOT NULL,
              author TEXT NOT NULL,
              year INTEGER NOT NULL,
              borrowed_by TEXT,
              guest INTEGER,
              since INTEGER,
              version INTEGER NOT NULL DEFAULT 0
            ) STRICT
            """;

    private static final String FILL =
            """
            INSERT OR IGNORE INTO book (id, title, author, year) VALUES
              (1, 'The Mill on the Floss', 'George Eliot', 1860),
              (2, 'Moby-Dick', 'Herman Melville', 1851),
              (3, 'Twenty Thousand Leagues Under the Seas', 'Jules Verne', 1870),
              (4, 'Treasure Island', 'Robert Louis Stevenson', 1883),
              (5, 'Adventures of Huckleberry Finn', 'Mark Twain', 1884),
              (6, 'Three Men in a Boat', 'Jerome K. Jerome', 1889),
              (7, 'Heart of Darkness', 'Joseph Conrad', 1899),
              (8, 'The Awakening', 'Kate Chopin', 1899),
              (9, 'The Wind in the Willows', 'Kenneth Grahame', 1908),
              (10, 'To the Lighthouse', 'Virginia Woolf', 1927),
              (11, 'The Old Man and the Sea', 'Ernest Hemingway', 1952),
              (12, 'A River Runs Through It', 'Norman Maclean', 1976)
            """;

    private static final String BORROW =
            """
            UPDATE book SET borrowed_by = ?, guest = ?, since = ?, version = version + 1
            WHERE id = ? AND borrowed_by IS NULL
            """;

    private static final String RETURN =
            """
            UPDATE book SET borrowed_by = NULL, guest = NULL, since = NULL, version = version + 1
            WHERE id = ? AND borrowed_by = ? AND guest = ?
            """;

    private final Connection connection;
    private final LongSupplier clock;

    private Shelf(Connection connection, LongSupplier clock) {
        this.connection = connection;
        this.clock = clock;
    }

    /**
     * Opens the shelf in a file, which is made and filled where there is none.
     *
     * @param path a file, or {@link #IN_MEMORY}
     * @param clock milliseconds since 1970 UTC
     */
    static Shelf open(String path, LongSupplier clock) throws IOException, SQLException {
        if (!path.equals(IN_MEMORY)) {
            Files.createDirectories(Path.of(path).toAbsolutePath().getParent());
        }
        SQLiteDataSource source = new SQLiteDataSource();
        source.setUrl("jdbc:sqlite:" + path);
        source.getConfig().setBusyTimeout(BUSY_MS);
        Connection connection = source.getConnection();
        try (Statement statement = connection.createStatement()) {
            statement.execute(CREATE);
            statement.execute(FILL);
            return new Shelf(connection, clock);
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** All books, in the order in which they stand. */
    List<Book> books() throws SQLException {
        try (PreparedStatement select =
                        connection.prepareStatement("SELECT * FROM book ORDER BY id");
                ResultSet rows = select.executeQuery()) {
            List<Book> books = new ArrayList<>();
            while (rows.next()) {
                books.add(book(rows));
            }
            return books;
        }
    }

    /** Lends a book, and gives it as it is now. Of two who ask at once, one gets it. */
    Book borrow(long id, Reader reader) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(BORROW)) {
            update.setString(1, reader.name());
            update.setBoolean(2, reader.guest());
            update.setLong(3, clock.getAsLong());
            update.setLong(4, id);
            boolean lent = update.executeUpdate() == 1;
            Book book = book(id);
            if (lent) {
                return book;
            }
            throw refusal(409, book.title() + " is borrowed by " + holder(book) + ".");
        }
    }

    /** Takes a book back from who has it, and gives it as it is now. */
    Book giveBack(long id, Reader reader) throws SQLException {
        try (PreparedStatement update = connection.prepareStatement(RETURN)) {
            update.setLong(1, id);
            update.setString(2, reader.name());
            update.setBoolean(3, reader.guest());
            boolean returned = update.executeUpdate() == 1;
            Book book = book(id);
            if (returned) {
                return book;
            }
            if (book.loan() == null) {
                throw refusal(409, book.title() + " is on the shelf already.");
            }
            throw refusal(403, book.title() + " is for " + holder(book) + " to return.");
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }

    private Book book(long id) throws SQLException {
        try (PreparedStatement select =
                connection.prepareStatement("SELECT * FROM book WHERE id = ?")) {
            select.setLong(1, id);
            try (ResultSet rows = select.executeQuery()) {
                if (!rows.next()) {
                    throw refusal(404, "There is no book " + id + ".");
                }
                return book(rows);
            }
        }
    }

    private static Book book(ResultSet row) throws SQLException {
        String borrowedBy = row.getString("borrowed_by");
        return new Book(
                row.getLong("id"),
                row.getString("title"),
                row.getString("author"),
                row.getInt("year"),
                row.getLong("version"),
                borrowedBy == null
                        ? null
                        : new Book.Loan(
                                new Reader(borrowedBy, row.getBoolean("guest")),
                                row.getLong("since")));
    }

    private static String holder(Book book) {
        return book.loan() == null ? "nobody" : book.loan().reader().name();
    }

    private static ReplyException refusal(int status, String sentence) {
        return new ReplyException(ReplyFailure.RECIPIENT_FAILURE, status, sentence);
    }
}
