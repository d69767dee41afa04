package io.anabranch.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.log.Draft;
import io.anabranch.log.MemoryLog;
import io.anabranch.log.Query;
import io.anabranch.log.Retention;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Cursor;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HubTest {
    private final MemoryLog log =
            new MemoryLog(channel -> new Retention(10_000, 60_000, false), 60_000, () -> 1_000);
    private final Hub hub = new Hub(log);

    @Test
    void handsOnToThoseWhoAreInterestedAlone() {
        TestReceiver chat = receiver("chat:*");
        TestReceiver lobby = receiver("chat:lobby");
        TestReceiver both = receiver("chat:lobby", "c*", "ticker:x");
        TestReceiver none = receiver();
        publish("chat:lobby");
        publish("chat:other");
        publish("ticker:x");
        assertThat(chat.channels()).containsExactly("chat:lobby", "chat:other");
        assertThat(lobby.channels()).containsExactly("chat:lobby");
        assertThat(both.channels()).containsExactly("chat:lobby", "chat:other", "ticker:x");
        assertThat(none.channels()).isEmpty();
    }

    @Test
    void interestCountsFromWhenItIsAdded() {
        TestReceiver receiver = receiver();
        publish("a");
        receiver.interest().add(new ChannelPattern("a"));
        publish("a");
        receiver.interest().remove(new ChannelPattern("a"));
        publish("a");
        assertThat(receiver.offered).extracting(message -> message.id().seq()).containsExactly(2L);
    }

    @Test
    void repeatIsNotHandedOn() {
        TestReceiver receiver = receiver("*");
        Draft draft = new Draft(new Channel("a"), "", JsonValue.ofText("x"), "alice", "k");
        MessageId first = hub.publish(draft).result().id();
        assertThat(hub.publish(draft).result().id()).isEqualTo(first);
        assertThat(receiver.offered).hasSize(1);
    }

    @Test
    void aReceiverThatFailsTakesNothingFromTheOthersOrThePublisher() {
        TestReceiver failing =
                new TestReceiver() {
                    @Override
                    public void offer(Message message) {
                        throw new IllegalStateException("expected by this test");
                    }
                };
        failing.interest().add(new ChannelPattern("*"));
        hub.add(failing);
        TestReceiver after = receiver("*");
        MessageId first = publish("a");
        MessageId second = publish("a");
        assertThat(after.offered).extracting(Message::id).containsExactly(first, second);
        assertThat(hub.handedOn()).isEqualTo(second);
    }

    @Test
    void handedOnIsAMessageThatEveryReceiverHas() {
        assertThat(hub.handedOn()).isEqualTo(log.head());
        List<MessageId> whileOffered = new ArrayList<>();
        TestReceiver receiver =
                new TestReceiver() {
                    @Override
                    public void offer(Message message) {
                        whileOffered.add(hub.handedOn());
                        assertThat(hub.head()).isEqualTo(message.id());
                    }
                };
        receiver.interest().add(new ChannelPattern("*"));
        hub.add(receiver);
        MessageId start = hub.handedOn();
        MessageId first = publish("a");
        MessageId second = publish("b");
        assertThat(whileOffered).containsExactly(start, first);
        assertThat(hub.handedOn()).isEqualTo(second);
    }

    @Test
    void handedOnMovesPastWhatNobodyWants() {
        receiver("a");
        MessageId id = publish("b");
        assertThat(hub.handedOn()).isEqualTo(id).isEqualTo(hub.head());
    }

    @Test
    void everyReceiverHasTheOrderOfTheLog() throws Exception {
        TestReceiver all = receiver("*");
        TestReceiver even = receiver("even:*");
        ExecutorService threads = Executors.newFixedThreadPool(8);
        List<Future<?>> done = new ArrayList<>();
        for (int t = 0; t < 8; t++) {
            int thread = t;
            done.add(
                    threads.submit(
                            () -> {
                                for (int i = 0; i < 500; i++) {
                                    publish((i % 2 == 0 ? "even:" : "odd:") + thread);
                                }
                            }));
        }
        for (Future<?> one : done) {
            one.get(20, TimeUnit.SECONDS);
        }
        threads.shutdown();
        Query query =
                new Query(
                        List.of(new ChannelPattern("*")),
                        new Cursor.Earliest(),
                        Query.HEAD,
                        0,
                        10_000,
                        1 << 30);
        List<Message> inLog = hub.read(query).result().messages();
        assertThat(inLog).hasSize(4_000);
        assertThat(all.offered).isEqualTo(inLog);
        assertThat(even.offered)
                .isEqualTo(inLog.stream().filter(m -> m.channel().name().startsWith("e")).toList());
    }

    private MessageId publish(String channel) {
        Draft draft = new Draft(new Channel(channel), "", JsonValue.ofText("x"), null, null);
        return hub.publish(draft).result().id();
    }

    private TestReceiver receiver(String... patterns) {
        TestReceiver receiver = new TestReceiver();
        for (String pattern : patterns) {
            receiver.interest().add(new ChannelPattern(pattern));
        }
        hub.add(receiver);
        return receiver;
    }

    private static class TestReceiver implements Receiver {
        final Interest interest = new Interest();
        final List<Message> offered = Collections.synchronizedList(new ArrayList<>());

        @Override
        public Interest interest() {
            return interest;
        }

        @Override
        public void offer(Message message) {
            offered.add(message);
        }

        @Override
        public void offer(PresenceNews news) {
            throw new AssertionError("no presence here: " + news);
        }

        List<String> channels() {
            return offered.stream().map(message -> message.channel().name()).toList();
        }
    }
}
