package io.anabranch.log;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.message.Channel;
import io.anabranch.message.Cursor;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What every engine of the log promises: of its record, and here of its tail, with many threads at
 * work. A test of an engine extends this class and says how to open one.
 */
abstract class LogContract extends LogRecordContract {
    private static final int THREADS = 8;
    private static final int EACH = 1_000;

    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    @Test
    void tailHandsOnEveryMessageOnceAndInOrder() throws Exception {
        Log log = open();
        List<Message> tail = Collections.synchronizedList(new ArrayList<>());
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger overlaps = new AtomicInteger();
        log.tail(
                message -> {
                    overlaps.addAndGet(inside.getAndIncrement());
                    tail.add(message);
                    inside.decrementAndGet();
                });
        Map<String, MessageId> ids = appendFromAllThreads(log);
        awaitSize(tail);

        assertThat(overlaps).as("one at a time").hasValue(0);
        Map<Channel, MessageId> newest = new HashMap<>();
        Map<String, Integer> perThread = new HashMap<>();
        long seq = 0;
        for (Message message : tail) {
            assertThat(message.id().seq()).isGreaterThan(seq);
            seq = message.id().seq();
            assertThat(message.prev()).isEqualTo(newest.put(message.channel(), message.id()));
            assertThat(ids).containsEntry(message.data().text(), message.id());
            String[] threadAndNumber = message.data().text().split("-");
            int number = Integer.parseInt(threadAndNumber[1]);
            assertThat(number).isEqualTo(perThread.merge(threadAndNumber[0], 1, Integer::sum) - 1);
        }
        assertThat(log.head().seq()).isEqualTo(seq);
    }

    @Test
    void headAndReadsShowAMessageBeforeTheTailHandsItOn() throws Exception {
        Log log = open();
        Queue<String> wrong = new ConcurrentLinkedQueue<>();
        List<Future<Page>> reads = Collections.synchronizedList(new ArrayList<>());
        List<Message> tail = Collections.synchronizedList(new ArrayList<>());
        log.tail(
                message -> {
                    if (log.head().seq() < message.id().seq()) {
                        wrong.add("the head was before " + message.id());
                    }
                    if (message.id().seq() % 16 == 0) {
                        Cursor before = after(message.id().at(message.id().seq() - 1));
                        reads.add(
                                log.read(query(before, message.channel().name()))
                                        .onSuccess(
                                                page -> {
                                                    if (!page.messages().contains(message)) {
                                                        wrong.add("no read of " + message.id());
                                                    }
                                                }));
                    }
                    tail.add(message);
                });
        appendFromAllThreads(log);
        awaitSize(tail);
        for (Future<Page> read : List.copyOf(reads)) {
            get(read);
        }
        assertThat(wrong).isEmpty();
    }

    @Test
    void readersThatFollowTheHeadMissNothing() throws Exception {
        Log log = open(channel -> new Retention(THREADS * EACH, 3_600_000, false));
        List<Message> tail = Collections.synchronizedList(new ArrayList<>());
        log.tail(tail::add);
        CountDownLatch appended = new CountDownLatch(1);
        List<java.util.concurrent.Future<List<Message>>> readers = new ArrayList<>();
        for (String pattern : List.of("*", "chat:*", "chat:3")) {
            readers.add(threads.submit(() -> readToTheEnd(log, pattern, appended)));
        }
        appendFromAllThreads(log);
        awaitSize(tail);
        appended.countDown();
        assertThat(readers.get(0).get(20, SECONDS)).isEqualTo(tail);
        assertThat(readers.get(1).get(20, SECONDS)).isEqualTo(on("chat:", tail));
        assertThat(readers.get(2).get(20, SECONDS)).isEqualTo(on("chat:3", tail));
    }

    private static List<Message> on(String prefix, List<Message> tail) {
        return tail.stream().filter(m -> m.channel().name().startsWith(prefix)).toList();
    }

    private static List<Message> readToTheEnd(Log log, String pattern, CountDownLatch appended)
            throws Exception {
        List<Message> read = new ArrayList<>();
        Cursor after = new Cursor.Earliest();
        boolean last = false;
        while (!last) {
            boolean all = appended.getCount() == 0;
            Query query = new Query(patterns(pattern), after, Query.HEAD, 0, 50, 1 << 20);
            Page page = get(log.read(query));
            assertThat(page.gaps()).isEmpty();
            read.addAll(page.messages());
            after = after(page.cursor());
            last = all && !page.more();
        }
        return read;
    }

    @Test
    void oneOfManyRepeatsAtOnceIsTheFirst() throws Exception {
        Log log = open();
        List<java.util.concurrent.Future<Appended>> all = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            all.add(threads.submit(() -> get(log.append(draft(new Channel("a"), "alice", "k")))));
        }
        List<Appended> appended = new ArrayList<>();
        for (var one : all) {
            appended.add(one.get(10, SECONDS));
        }
        assertThat(appended).filteredOn(a -> !a.repeated()).hasSize(1);
        assertThat(appended).extracting(Appended::id).containsOnly(appended.get(0).id());
    }

    /** The id of each message by its text: the thread and its number. */
    private Map<String, MessageId> appendFromAllThreads(Log log) throws Exception {
        Map<String, MessageId> ids = new ConcurrentHashMap<>();
        CountDownLatch start = new CountDownLatch(THREADS);
        List<java.util.concurrent.Future<?>> done = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            int thread = t;
            done.add(
                    threads.submit(
                            () -> {
                                start.countDown();
                                start.await();
                                appendAll(log, thread, ids);
                                return null;
                            }));
        }
        for (var one : done) {
            one.get(30, SECONDS);
        }
        return ids;
    }

    /** All at once, as a batch does, and then waits for the answers. */
    private static void appendAll(Log log, int thread, Map<String, MessageId> ids)
            throws Exception {
        List<Future<Appended>> answers = new ArrayList<>();
        for (int i = 0; i < EACH; i++) {
            String name = (i % 2 == 0 ? "chat:" : "ticker:") + (thread + i) % 5;
            JsonValue data = JsonValue.ofText(thread + "-" + i);
            answers.add(log.append(new Draft(new Channel(name), "", data, null, null)));
        }
        for (int i = 0; i < EACH; i++) {
            ids.put(thread + "-" + i, get(answers.get(i)).id());
        }
    }

    private static void awaitSize(List<Message> tail) {
        Awaitility.await().atMost(20, SECONDS).until(() -> tail.size() >= THREADS * EACH);
        assertThat(tail).hasSize(THREADS * EACH);
    }
}
