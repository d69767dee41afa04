package io.anabranch.log;

import static io.anabranch.log.LogRecordContract.append;
import static io.anabranch.log.LogRecordContract.get;
import static io.anabranch.log.LogRecordContract.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.hub.Hub;
import io.anabranch.hub.Interest;
import io.anabranch.hub.PresenceNews;
import io.anabranch.hub.Receiver;
import io.anabranch.log.nats.NatsLog;
import io.anabranch.log.nats.NatsOptions;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.testing.BrokerTap;
import io.anabranch.testing.BrokerTap.Delivery;
import io.anabranch.testing.FastDirectory;
import io.anabranch.testing.NatsServer;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two logs on one stream: the older one follows it, and tells the other where everything stands.
 */
class NatsInterestTest {
    private static final AtomicInteger STREAMS = new AtomicInteger();
    private static final Channel A = new Channel("a:x");
    private static final Channel B = new Channel("b:x");

    @TempDir(factory = FastDirectory.class)
    private static Path directory;

    private static NatsServer server;

    private final BlockingQueue<Message> tail = new LinkedBlockingQueue<>();
    private final BlockingQueue<MessageId> passed = new LinkedBlockingQueue<>();
    private String stream;
    private NatsLog teller;
    private BrokerTap tap;
    private NatsLog listener;

    @BeforeAll
    static void startServer() throws Exception {
        server = NatsServer.start(directory);
    }

    @AfterAll
    static void stopServer() throws Exception {
        server.close();
    }

    @BeforeEach
    void open() throws Exception {
        stream = "interest-" + STREAMS.incrementAndGet();
        teller = open(server.url());
        teller.tail(message -> {});
        tap = new BrokerTap(server.port());
        listener = open(tap.url());
        listener.tail(tail::add);
    }

    private NatsLog open(String url) {
        return open(url, true);
    }

    private NatsLog open(String url, boolean byInterest) {
        return NatsLog.open(
                new NatsOptions(
                        List.of(url),
                        null,
                        null,
                        stream,
                        1,
                        60_000,
                        NatsOptions.STANDARD_HOT_BYTES,
                        byInterest),
                channel -> new Retention(100_000, 3_600_000, true),
                System::currentTimeMillis);
    }

    @AfterEach
    void close() throws Exception {
        get(teller.close());
        get(listener.close());
        tap.close();
    }

    /** Returns when the log that wants only {@code pattern} has given up its own run. */
    private void listen(String pattern) {
        ChannelPattern wanted = new ChannelPattern(pattern);
        listener.narrow(wanted::matches, passed::add);
        listener.follow(wanted);
        awaitListening(new Channel(pattern.replace("*", "x")));
        MessageId last = teller.head();
        Awaitility.await().until(() -> listener.head().equals(last));
        Awaitility.await().until(() -> !tail.isEmpty());
        tail.clear();
        passed.clear();
        tap.forget();
    }

    /** Long enough for a hub that was not listened to for a while, as the machine is busy. */
    private void awaitListening(Channel probed) {
        Awaitility.await()
                .atMost(30, TimeUnit.SECONDS)
                .until(
                        () -> {
                            append(teller, probed, "probe");
                            return tap.passed().stream().anyMatch(NatsInterestTest::isHandedOn);
                        });
    }

    private static boolean isHandedOn(Delivery delivery) {
        return delivery.subject().contains("-hubs.message.");
    }

    private static boolean isDigest(Delivery delivery) {
        return delivery.subject().endsWith("-hubs.digest");
    }

    @Test
    void whoHasNoReadersOfAChannelGetsNoneOfItsMessages() throws Exception {
        listen("b:*");
        MessageId last = teller.head();
        for (int i = 0; i < 200; i++) {
            last = append(teller, A, "payload-" + i);
        }
        MessageId end = last;
        Awaitility.await().until(() -> listener.head().equals(end));
        assertThat(tap.passed()).noneMatch(delivery -> delivery.text().contains("payload-"));
        assertThat(tail).isEmpty();
        // It is known up to where nothing was wanted, and read when it is.
        assertThat(passed).hasSize(200).last().isEqualTo(end);
        Page page = read(listener, new Cursor.Earliest(), "a:*");
        assertThat(page.messages()).hasSize(200).last().extracting(Message::id).isEqualTo(end);

        MessageId wanted = append(teller, B, "payload-b");
        assertThat(next().id()).isEqualTo(wanted);
        assertThat(tap.passed()).anyMatch(delivery -> delivery.text().contains("payload-b"));
    }

    @Test
    void messagesThatAreDroppedOnTheWayAreFetchedInOrder() throws Exception {
        listen("*");
        Random random = new Random(1);
        tap.drop(delivery -> isHandedOn(delivery) && random.nextInt(4) == 0);
        assertAllComeInOrder();
        assertThat(tap.dropped()).isPositive();
    }

    @Test
    void digestsThatAreDroppedAreMadeUpFor() throws Exception {
        listen("*");
        Random random = new Random(2);
        tap.drop(delivery -> isDigest(delivery) && random.nextInt(4) == 0);
        assertAllComeInOrder();
        assertThat(tap.dropped()).isPositive();
    }

    @Test
    void lastMessageBeforeItIsQuietComesThoughItIsDropped() throws Exception {
        listen("*");
        Predicate<Delivery> once = delivery -> isHandedOn(delivery) || isDigest(delivery);
        tap.drop(delivery -> once.test(delivery) && tap.dropped() < 2);
        MessageId last = append(teller, A, "last");
        assertThat(next().id()).isEqualTo(last);
    }

    @Test
    void answerThatIsLostHoldsUpTheOthersForAMomentOnly() throws Exception {
        listen("*");
        tap.drop(
                delivery ->
                        isHandedOn(delivery)
                                || delivery.subject().startsWith("_INBOX.")
                                        && delivery.text().contains("Nats-Sequence"));
        MessageId first = append(teller, A, "1");
        MessageId second = append(teller, A, "2");
        assertThat(next().id()).isEqualTo(first);
        assertThat(next().id()).isEqualTo(second);
        assertThat(tap.dropped()).isGreaterThan(1);
    }

    @Test
    void streamThatWasMadeBeforeIsFollowedAsAWhole() throws Exception {
        get(teller.close());
        get(listener.close());
        stream = stream + "-before";
        get(open(server.url(), false).close());
        teller = open(server.url());
        listener = open(tap.url());
        listener.tail(tail::add);
        listener.narrow(channel -> true, passed::add);
        listener.follow(new ChannelPattern("*"));
        Awaitility.await()
                .until(
                        () ->
                                tap.passed().stream()
                                                .filter(NatsInterestTest::isDigest)
                                                .filter(one -> one.subject().startsWith(stream))
                                                .count()
                                        > 40);
        MessageId id = append(teller, A, "1");
        assertThat(next().id()).isEqualTo(id);
        assertThat(tap.passed()).noneMatch(NatsInterestTest::isHandedOn);
    }

    @Test
    void anotherTakesOverFromTheOneThatEnds() throws Exception {
        listen("*");
        NatsLog third = open(server.url());
        get(teller.close());
        List<MessageId> ids = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            ids.add(append(third, A, Integer.toString(i)));
        }
        for (MessageId id : ids) {
            assertThat(next().id()).isEqualTo(id);
        }
        get(third.close());
    }

    @Test
    void readerThatComesAndGoesUnderLoadMissesAndRepeatsNothing() throws Exception {
        Hub hub = new Hub(listener);
        Visitor visitor = new Visitor();
        hub.add(visitor);
        visitor.interest().add(new ChannelPattern("probe"));
        awaitListening(new Channel("probe"));
        int count = 1_000;
        CompletableFuture<List<MessageId>> published =
                CompletableFuture.supplyAsync(() -> publish(count, visitor.room));
        Random random = new Random(3);
        List<MessageId> received = new ArrayList<>();
        int visits = 0;
        while (received.size() < count) {
            int some = Math.min(received.size() + random.nextInt(60), count);
            visitor.comeAndGo(hub, received, some);
            visits++;
        }
        assertThat(received).isEqualTo(published.get(20, TimeUnit.SECONDS));
        assertThat(visits).isGreaterThan(10);
    }

    /** As many at once as there is room for. */
    private List<MessageId> publish(int count, Semaphore room) {
        List<Future<Appended>> appended = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            room.acquireUninterruptibly();
            Draft draft =
                    new Draft(new Channel("d:" + i % 7), "", JsonValue.ofText("" + i), null, null);
            appended.add(teller.append(draft));
        }
        return appended.stream()
                .map(future -> future.toCompletionStage().toCompletableFuture().join().id())
                .sorted(Comparator.comparingLong(MessageId::seq))
                .toList();
    }

    /** Reads as a client's feed does: listens, reads up to the head, and goes on live. */
    private static final class Visitor implements Receiver {
        private static final ChannelPattern PATTERN = new ChannelPattern("d:*");

        private final Interest interest = new Interest();
        private final BlockingQueue<Message> offered = new LinkedBlockingQueue<>();
        private long cursor;

        /** How far what is published may be ahead. */
        final Semaphore room = new Semaphore(50);

        /** Stays until it has received {@code some} of all. */
        void comeAndGo(Hub hub, List<MessageId> received, int some) throws Exception {
            interest.add(PATTERN);
            MessageId head = hub.head();
            boolean more = true;
            while (more) {
                Page page = get(hub.read(upTo(head)));
                page.messages().forEach(message -> take(message, received));
                cursor = page.cursor().seq();
                more = page.more();
            }
            while (received.size() < some) {
                Message next = offered.poll(10, TimeUnit.SECONDS);
                assertThat(next).as("a message after %s others", received.size()).isNotNull();
                take(next, received);
            }
            interest.remove(PATTERN);
            offered.clear();
        }

        private Query upTo(MessageId head) {
            Cursor after = new Cursor.After(head.at(cursor));
            return new Query(List.of(PATTERN), after, head.seq(), 0, 256, 1 << 20);
        }

        private void take(Message message, List<MessageId> received) {
            if (message.id().seq() > cursor && PATTERN.matches(message.channel())) {
                received.add(message.id());
                cursor = message.id().seq();
                room.release();
            }
        }

        @Override
        public Interest interest() {
            return interest;
        }

        @Override
        public void offer(Message message) {
            offered.add(message);
        }

        @Override
        public void offer(PresenceNews news) {}
    }

    private void assertAllComeInOrder() throws Exception {
        List<MessageId> ids = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            ids.add(append(teller, new Channel("c:" + i % 5), Integer.toString(i)));
        }
        List<Message> received = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            received.add(next());
        }
        assertThat(received).extracting(Message::id).isEqualTo(ids);
        for (int i = 5; i < ids.size(); i++) {
            assertThat(received.get(i).prev()).isEqualTo(ids.get(i - 5));
        }
        assertThat(tail).isEmpty();
    }

    private Message next() throws InterruptedException {
        Message next = tail.poll(10, TimeUnit.SECONDS);
        assertThat(next).as("a message in time").isNotNull();
        return next;
    }
}
