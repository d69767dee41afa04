package io.anabranch.log;

import static io.anabranch.log.LogRecordContract.append;
import static io.anabranch.log.LogRecordContract.get;
import static io.anabranch.log.LogRecordContract.read;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.log.nats.NatsLog;
import io.anabranch.log.nats.NatsOptions;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.testing.BrokerTap;
import io.anabranch.testing.BrokerTap.Delivery;
import io.anabranch.testing.FastDirectory;
import io.anabranch.testing.NatsServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
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
        return NatsLog.open(
                new NatsOptions(
                        List.of(url),
                        null,
                        null,
                        stream,
                        1,
                        60_000,
                        NatsOptions.STANDARD_HOT_BYTES,
                        true),
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
        Channel probed = new Channel(pattern.replace("*", "x"));
        Awaitility.await()
                .until(
                        () -> {
                            append(teller, probed, "probe");
                            return tap.passed().stream().anyMatch(NatsInterestTest::isHandedOn);
                        });
        MessageId last = teller.head();
        Awaitility.await().until(() -> listener.head().equals(last));
        Awaitility.await().until(() -> !tail.isEmpty());
        tail.clear();
        passed.clear();
        tap.forget();
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
