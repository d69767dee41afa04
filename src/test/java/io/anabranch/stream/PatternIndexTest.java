package io.anabranch.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.hub.Interest;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.EventName;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class PatternIndexTest {
    private final Interest interest = new Interest();
    private final PatternIndex<Listener> index = new PatternIndex<>(interest);
    private final List<String> told = new ArrayList<>();

    @Test
    void tellsThoseWhosePatternMatches() {
        index.add(new ChannelPattern("chat:a"), listener("exact"));
        index.add(new ChannelPattern("chat:*"), listener("prefix"));
        index.add(new ChannelPattern("*"), listener("all"));
        index.add(new ChannelPattern("chat:ab"), listener("longer"));
        index.add(new ChannelPattern("chat:a*"), listener("whole"));
        dispatch("chat:a");
        assertThat(told).containsExactlyInAnyOrder("exact", "prefix", "all", "whole");
    }

    @Test
    void passesTheMessageAndItsPreparedOn() {
        Message message = message(new Channel("a"));
        Prepared prepared = Prepared.of(List.of(message));
        List<Object> got = new ArrayList<>();
        index.add(
                new ChannelPattern("a"),
                listener(
                        (m, p) -> {
                            got.addAll(m);
                            got.add(p);
                        }));
        index.forEach(
                message.channel(), listener -> listener.onMessages(List.of(message), prepared));
        assertThat(got).containsExactly(message, prepared);
    }

    @Test
    void interestEndsWithTheLastListener() {
        ChannelPattern pattern = new ChannelPattern("a*");
        Listener first = listener("first");
        Listener second = listener("second");
        index.add(pattern, first);
        index.add(pattern, second);
        index.remove(pattern, first);
        assertThat(interest.includes(new Channel("ab"))).isTrue();
        index.remove(pattern, first);
        assertThat(interest.includes(new Channel("ab"))).isTrue();
        index.remove(pattern, second);
        assertThat(interest.includes(new Channel("ab"))).isFalse();
        index.remove(pattern, second);
        dispatch("ab");
        assertThat(told).isEmpty();
    }

    @Test
    void tellsLikeAPlainListOfAllWouldAndKeepsTheInterestInStep() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            Interest ofLoop = new Interest();
            PatternIndex<Listener> tested = new PatternIndex<>(ofLoop);
            List<Listener> listeners = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                listeners.add(listener("listener " + i));
            }
            List<Registered> model = new ArrayList<>();
            for (int step = 0; step < 300; step++) {
                Registered one = new Registered(pattern(random), listeners.get(random.nextInt(6)));
                if (random.nextBoolean()) {
                    tested.add(one.pattern, one.listener);
                    model.add(one);
                } else {
                    tested.remove(one.pattern, one.listener);
                    model.remove(one);
                }
                Channel channel = new Channel(letters(random, 1 + random.nextInt(5)));
                List<String> expected = namesOf(model, channel);
                told.clear();
                dispatch(tested, channel);
                assertThat(told)
                        .as("seed %d, step %d: %s", seed, step, channel)
                        .containsExactlyInAnyOrderElementsOf(expected);
                assertThat(ofLoop.includes(channel))
                        .as("seed %d, step %d: %s", seed, step, channel)
                        .isEqualTo(!expected.isEmpty());
            }
        }
    }

    private record Registered(ChannelPattern pattern, Listener listener) {}

    private List<String> namesOf(List<Registered> model, Channel channel) {
        told.clear();
        for (Registered one : model) {
            if (one.pattern.matches(channel)) {
                Message message = message(channel);
                one.listener.onMessages(List.of(message), Prepared.of(List.of(message)));
            }
        }
        return List.copyOf(told);
    }

    private Listener listener(String name) {
        return listener((message, prepared) -> told.add(name));
    }

    private static Listener listener(BiConsumer<List<Message>, Prepared> onMessages) {
        return new Listener() {
            @Override
            public void onMessages(List<Message> messages, Prepared prepared) {
                onMessages.accept(messages, prepared);
            }

            @Override
            public void onFailure(Throwable failure) {
                throw new AssertionError(failure);
            }
        };
    }

    private void dispatch(String channel) {
        dispatch(index, new Channel(channel));
    }

    private static void dispatch(PatternIndex<Listener> index, Channel channel) {
        Message message = message(channel);
        Prepared prepared = Prepared.of(List.of(message));
        index.forEach(channel, listener -> listener.onMessages(List.of(message), prepared));
    }

    private static Message message(Channel channel) {
        MessageId id = new MessageId("k4x9", 1);
        return new Message(id, null, channel, EventName.DEFAULT, JsonValue.parse("1"), 0, null);
    }

    private static ChannelPattern pattern(Random random) {
        return random.nextBoolean()
                ? new ChannelPattern(letters(random, random.nextInt(4)) + "*")
                : new ChannelPattern(letters(random, 1 + random.nextInt(4)));
    }

    private static String letters(Random random, int length) {
        return random.ints(length, 0, 2)
                .mapToObj(i -> "ab".substring(i, i + 1))
                .collect(Collectors.joining());
    }
}
