package io.anabranch.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class InterestTest {
    @Test
    void isInNothingAtFirst() {
        assertThat(new Interest().includes(new Channel("a"))).isFalse();
    }

    @Test
    void ofStarIsInEverything() {
        Interest interest = new Interest();
        interest.add(new ChannelPattern("*"));
        assertThat(interest.includes(new Channel("a"))).isTrue();
        interest.remove(new ChannelPattern("*"));
        assertThat(interest.includes(new Channel("a"))).isFalse();
    }

    @Test
    void channelAndPatternOfTheSameTextAreApart() {
        Interest interest = new Interest();
        interest.add(new ChannelPattern("a"));
        interest.add(new ChannelPattern("a*"));
        interest.remove(new ChannelPattern("a*"));
        assertThat(interest.includes(new Channel("a"))).isTrue();
        assertThat(interest.includes(new Channel("ab"))).isFalse();
    }

    @Test
    void isInWhatAnyOfItsPatternsMatches() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            Interest interest = new Interest();
            Set<ChannelPattern> patterns = new HashSet<>();
            for (int step = 0; step < 200; step++) {
                ChannelPattern pattern = pattern(random);
                if (random.nextBoolean()) {
                    interest.add(pattern);
                    patterns.add(pattern);
                } else {
                    interest.remove(pattern);
                    patterns.remove(pattern);
                }
                Channel channel = new Channel(letters(random, 1 + random.nextInt(5)));
                assertThat(interest.includes(channel))
                        .as("seed %d: %s in %s", seed, channel, patterns)
                        .isEqualTo(patterns.stream().anyMatch(p -> p.matches(channel)));
            }
        }
    }

    private static ChannelPattern pattern(Random random) {
        return random.nextBoolean()
                ? new ChannelPattern(letters(random, random.nextInt(5)) + "*")
                : new ChannelPattern(letters(random, 1 + random.nextInt(4)));
    }

    private static String letters(Random random, int length) {
        return random.ints(length, 0, 3)
                .mapToObj(i -> "ab:".substring(i, i + 1))
                .collect(Collectors.joining());
    }

    @Test
    void tellsWhoWatchesItOfWhatComesAndGoes() {
        Interest interest = new Interest();
        List<String> told = new ArrayList<>();
        interest.add(new ChannelPattern("before"));
        interest.watch(added -> told.add("+" + added), removed -> told.add("-" + removed));
        interest.add(new ChannelPattern("a:*"));
        interest.add(new ChannelPattern("b"));
        interest.remove(new ChannelPattern("b"));
        assertThat(told).containsExactly("+before", "+a:*", "+b", "-b");
        told.clear();
        interest.unwatch();
        interest.unwatch();
        interest.add(new ChannelPattern("after"));
        assertThat(told).containsExactlyInAnyOrder("-before", "-a:*");
    }
}
