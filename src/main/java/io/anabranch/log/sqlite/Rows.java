package io.anabranch.log.sqlite;

import io.anabranch.message.Channel;
import io.anabranch.message.EventName;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** The reading half of the file, over one connection: for one thread at a time. */
final class Rows implements AutoCloseable {
    private static final String MESSAGE =
            "SELECT seq, channel, prev, time, event, user, data FROM message WHERE ";
    private static final String ONE = MESSAGE + "seq = ?";
    private static final String WALK = MESSAGE + "seq > ? AND seq <= ? ORDER BY seq LIMIT ?";
    private static final String PLACES =
            " FROM channel_index WHERE channel = ? AND seq > ? AND seq <= ?";
    private static final String FIRST = "SELECT seq" + PLACES + " ORDER BY seq LIMIT ?";
    private static final String NEWEST = "SELECT seq" + PLACES + " ORDER BY seq DESC LIMIT ?";
    private static final String COUNT = "SELECT count(*)" + PLACES;

    private final Statements statements;
    private final String epoch;

    Rows(Statements statements, String epoch) {
        this.statements = statements;
        this.epoch = epoch;
    }

    /** The message at {@code seq}; null where there is none. */
    @Nullable Message message(long seq, Channel channel) throws SQLException {
        PreparedStatement one = statements.get(ONE);
        one.setLong(1, seq);
        try (ResultSet row = one.executeQuery()) {
            return row.next() ? message(row, channel) : null;
        }
    }

    /** What looks at the messages of a walk, and says whether it goes on. */
    interface Walker {
        boolean take(Message message);
    }

    /**
     * Walks through the places after {@code after} and up to {@code upTo}.
     *
     * @param wanted the channel by its id; null for those not asked for
     * @param most how many rows it looks at
     * @return it is complete up to here
     */
    long walk(
            long after,
            long upTo,
            int most,
            Function<Long, @Nullable Channel> wanted,
            Walker walker)
            throws SQLException {
        PreparedStatement walk = statements.get(WALK);
        walk.setLong(1, after);
        walk.setLong(2, upTo);
        walk.setInt(3, most);
        try (ResultSet row = walk.executeQuery()) {
            int seen = 0;
            while (row.next()) {
                seen++;
                Channel channel = wanted.apply(row.getLong(2));
                if ((channel != null && !walker.take(message(row, channel))) || seen == most) {
                    return row.getLong(1);
                }
            }
            return upTo;
        }
    }

    /** The first places of a channel after {@code after} and up to {@code upTo}, in order. */
    int first(long channel, long after, long upTo, int most, LongConsumer places)
            throws SQLException {
        return places(statements.get(FIRST), channel, after, upTo, most, places);
    }

    /** The last places of a channel after {@code after} and up to {@code upTo}, newest first. */
    int newest(long channel, long after, long upTo, int most, LongConsumer places)
            throws SQLException {
        return places(statements.get(NEWEST), channel, after, upTo, most, places);
    }

    private static int places(
            PreparedStatement statement,
            long channel,
            long after,
            long upTo,
            int most,
            LongConsumer places)
            throws SQLException {
        statement.setLong(1, channel);
        statement.setLong(2, after);
        statement.setLong(3, upTo);
        statement.setInt(4, most);
        int found = 0;
        try (ResultSet row = statement.executeQuery()) {
            while (row.next()) {
                places.accept(row.getLong(1));
                found++;
            }
        }
        return found;
    }

    /** How many places a channel has in the table after {@code after} and up to {@code upTo}. */
    long count(long channel, long after, long upTo) throws SQLException {
        PreparedStatement count = statements.get(COUNT);
        count.setLong(1, channel);
        count.setLong(2, after);
        count.setLong(3, upTo);
        try (ResultSet row = count.executeQuery()) {
            return row.next() ? row.getLong(1) : 0;
        }
    }

    private Message message(ResultSet row, Channel channel) throws SQLException {
        MessageId id = new MessageId(epoch, row.getLong(1));
        long prev = row.getLong(3);
        String event = row.getString(5);
        return new Message(
                id,
                prev == 0 ? null : id.at(prev),
                channel,
                event == null ? EventName.DEFAULT : event,
                JsonValue.parse(Objects.requireNonNull(row.getBytes(7))),
                row.getLong(4),
                row.getString(6));
    }

    /** To be called after any failure. */
    void renew() {
        statements.renew();
    }

    @Override
    public void close() throws SQLException {
        statements.close();
    }
}
