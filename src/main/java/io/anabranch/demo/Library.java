package io.anabranch.demo;

import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import io.vertx.core.eventbus.Message;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * A lending library. Its services take {@code {"book": <id>, "name": <who>}}; {@code name} counts
 * where the caller has shown no token:
 *
 * <ul>
 *   <li>{@code library.list}: all books; takes nothing
 *   <li>{@code library.borrow}: the book, borrowed now; 409 where somebody has it
 *   <li>{@code library.return}: the book, on the shelf again; 403 where somebody else has it, 409
 *       where nobody has
 * </ul>
 *
 * <p>Each change is published on {@code demo:library}: the book as it is now, with a {@code
 * version} that grows, so that a page tells which of two states is the newer.
 *
 * <p>Configuration: {@code path}, the file of the books ({@code data/library.db}), or {@code
 * :memory:}.
 */
public final class Library extends VerticleBase {

    private static final Logger LOG = System.getLogger(Library.class.getName());
    private static final String CHANNEL = "demo:library";
    private static final String SERVICE = "service.library.";
    private static final String DEFAULT_PATH = "data/library.db";
    private static final int LONGEST_NAME = 40;

    private @Nullable Shelf shelf;

    /** What a reader does with a book; it blocks. */
    private interface Move {
        Book make(long book, Reader reader) throws SQLException;
    }

    @Override
    public Future<?> start() {
        String path = config().getString("path", DEFAULT_PATH);
        return vertx.executeBlocking(() -> Shelf.open(path, System::currentTimeMillis))
                .onSuccess(this::serve);
    }

    @Override
    public Future<?> stop() {
        Shelf open = shelf;
        return open == null
                ? Future.succeededFuture()
                : vertx.executeBlocking(
                        () -> {
                            open.close();
                            return null;
                        });
    }

    private void serve(Shelf books) {
        shelf = books;
        BusPublisher news = new BusPublisher(vertx);
        var bus = vertx.eventBus();
        bus.<JsonObject>consumer(SERVICE + "list", request -> list(books, request));
        bus.<JsonObject>consumer(SERVICE + "borrow", request -> move(news, books::borrow, request));
        bus.<JsonObject>consumer(
                SERVICE + "return", request -> move(news, books::giveBack, request));
    }

    private void list(Shelf books, Message<JsonObject> request) {
        vertx.executeBlocking(books::books)
                .map(all -> new JsonArray(all.stream().map(Book::toJson).toList()))
                .onSuccess(request::reply)
                .onFailure(failure -> fail(request, failure));
    }

    /** The calls of one verticle are made one after the other, and published in that order. */
    private void move(BusPublisher news, Move move, Message<JsonObject> request) {
        try {
            JsonObject question = request.body();
            long book = book(question);
            Reader reader = reader(question);
            vertx.executeBlocking(() -> move.make(book, reader).toJson())
                    .onSuccess(
                            moved -> {
                                news.publish(CHANNEL, moved);
                                request.reply(moved);
                            })
                    .onFailure(failure -> fail(request, failure));
        } catch (ReplyException refusal) {
            fail(request, refusal);
        }
    }

    private static long book(JsonObject question) {
        Object book = data(question).getValue("book");
        if (book instanceof Integer || book instanceof Long) {
            return ((Number) book).longValue();
        }
        String shown = String.valueOf(book);
        String cut = shown.substring(0, Math.min(shown.length(), LONGEST_NAME));
        throw badRequest("book: " + cut + " (expected: the id of a book, as library.list has it)");
    }

    private static Reader reader(JsonObject question) {
        String user = question.getString("user");
        if (user != null) {
            return new Reader(user, false);
        }
        Object name = data(question).getValue("name");
        if (name instanceof String text && isName(text.strip())) {
            return new Reader(text.strip(), true);
        }
        throw badRequest(
                "name: missing or no name (expected: 1 to " + LONGEST_NAME + " characters)");
    }

    private static boolean isName(String text) {
        return !text.isEmpty()
                && text.length() <= LONGEST_NAME
                && text.chars().noneMatch(Character::isISOControl);
    }

    private static JsonObject data(JsonObject question) {
        if (question.getValue("data") instanceof JsonObject data) {
            return data;
        }
        throw badRequest("data: no object (expected: {\"book\": 3, \"name\": \"Ann\"})");
    }

    private static ReplyException badRequest(String text) {
        return new ReplyException(ReplyFailure.RECIPIENT_FAILURE, 400, text);
    }

    private static void fail(Message<JsonObject> request, Throwable failure) {
        if (failure instanceof ReplyException refusal) {
            request.fail(refusal.failureCode(), refusal.getMessage());
        } else {
            LOG.log(Level.ERROR, "the library failed", failure);
            request.fail(500, "The library failed; the log says why.");
        }
    }
}
