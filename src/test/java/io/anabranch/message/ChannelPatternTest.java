package io.anabranch.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelPatternTest {
    @Test
    void exactPatternMatchesItsChannelAlone() {
        ChannelPattern pattern = new ChannelPattern("chat:lobby");
        assertThat(pattern.isExact()).isTrue();
        assertThat(pattern.prefix()).isEqualTo("chat:lobby");
        assertThat(matches(pattern, "chat:lobby")).isTrue();
        assertThat(matches(pattern, "chat:lobby2")).isFalse();
        assertThat(matches(pattern, "chat:lobb")).isFalse();
        assertThat(matches(pattern, "Chat:lobby")).isFalse();
    }

    @Test
    void starMatchesAnyRestAndTheEmptyOne() {
        ChannelPattern pattern = new ChannelPattern("ticker:*");
        assertThat(pattern.isExact()).isFalse();
        assertThat(pattern.prefix()).isEqualTo("ticker:");
        assertThat(matches(pattern, "ticker:ACME")).isTrue();
        assertThat(matches(pattern, "ticker:a/b:c")).isTrue();
        assertThat(matches(pattern, "ticker:")).isTrue();
        assertThat(matches(pattern, "ticker")).isFalse();
        assertThat(matches(new ChannelPattern("*"), "anything")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "**", "a*b", "*a", "a**", "a b", "a b*", "{sub}", "a?", "é*", "a\n"})
    void refusesWhatIsNoPattern(String text) {
        assertThatThrownBy(() -> new ChannelPattern(text)).isInstanceOf(Refusal.class);
    }

    @Test
    void isAtMost255CharactersLongWithItsStar() {
        assertThat(new ChannelPattern("a".repeat(254) + "*").prefix()).hasSize(254);
        assertThat(new ChannelPattern("a".repeat(255)).prefix()).hasSize(255);
        assertThatThrownBy(() -> new ChannelPattern("a".repeat(255) + "*"))
                .isInstanceOf(Refusal.class);
    }

    @Test
    void ofAChannelMatchesItAlone() {
        ChannelPattern pattern = ChannelPattern.of(new Channel("a:b"));
        assertThat(pattern).isEqualTo(new ChannelPattern("a:b"));
        assertThat(matches(pattern, "a:b")).isTrue();
    }

    /** Over two letters and short names, all channels that matter can be listed. */
    @Test
    void coversAndOverlapsExactlyThePatternsWhoseChannelsItMatches() {
        List<Channel> channels = allNames(5).stream().map(Channel::new).toList();
        List<ChannelPattern> patterns = new ArrayList<>();
        patterns.add(new ChannelPattern("*"));
        for (String name : allNames(4)) {
            patterns.add(new ChannelPattern(name));
            patterns.add(new ChannelPattern(name + "*"));
        }
        for (ChannelPattern p : patterns) {
            for (ChannelPattern q : patterns) {
                boolean all = channels.stream().filter(q::matches).allMatch(p::matches);
                boolean any = channels.stream().filter(q::matches).anyMatch(p::matches);
                assertThat(p.covers(q)).as("%s covers %s", p, q).isEqualTo(all);
                assertThat(p.overlaps(q)).as("%s overlaps %s", p, q).isEqualTo(any);
            }
        }
    }

    @Test
    void coveringIsReflexiveAndTransitiveAndNeverWidensWhatMatches() {
        for (int seed = 0; seed < 20_000; seed++) {
            Random random = new Random(seed);
            ChannelPattern p = randomPattern(random);
            ChannelPattern q = randomPattern(random);
            ChannelPattern r = randomPattern(random);
            Channel channel = randomChannel(random);
            assertThat(p.covers(p)).as("seed %d", seed).isTrue();
            if (p.covers(q)) {
                assertThat(!q.matches(channel) || p.matches(channel)).as("seed %d", seed).isTrue();
                assertThat(!q.covers(r) || p.covers(r)).as("seed %d", seed).isTrue();
            }
            assertThat(p.covers(ChannelPattern.of(channel)))
                    .as("seed %d: %s and %s", seed, p, channel)
                    .isEqualTo(p.matches(channel));
        }
    }

    @Test
    void templateStandsForTheUser() {
        assertThat(ChannelPattern.ofTemplate("inbox:{sub}", "alice"))
                .contains(new ChannelPattern("inbox:alice"));
        assertThat(ChannelPattern.ofTemplate("{sub}/{sub}:*", "bob"))
                .contains(new ChannelPattern("bob/bob:*"));
        assertThat(ChannelPattern.ofTemplate("inbox:{sub}:*", "a@b.c"))
                .contains(new ChannelPattern("inbox:a@b.c:*"));
    }

    @Test
    void templateWithoutSubNeedsNoUser() {
        assertThat(ChannelPattern.ofTemplate("chat:*", null))
                .contains(new ChannelPattern("chat:*"));
        assertThat(ChannelPattern.ofTemplate("chat:*", "not a name"))
                .contains(new ChannelPattern("chat:*"));
    }

    @Test
    void templateIsNothingForNobody() {
        assertThat(ChannelPattern.ofTemplate("inbox:{sub}", null)).isEmpty();
        assertThat(ChannelPattern.ofTemplate("inbox:{sub}", "")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"*", "a*", "{sub}", "al ice", "alice\n", "ålice", "a,b", "a\u0000"})
    void userWhoseNameIsNoPartOfAChannelGetsNoPattern(String sub) {
        assertThat(ChannelPattern.ofTemplate("inbox:{sub}", sub)).isEmpty();
        assertThat(ChannelPattern.ofTemplate("{sub}", sub)).isEmpty();
        assertThat(ChannelPattern.ofTemplate("inbox:{sub}:*", sub)).isEmpty();
    }

    @Test
    void noUserTurnsAnExactTemplateIntoAWildcard() {
        for (int seed = 0; seed < 10_000; seed++) {
            Random random = new Random(seed);
            String sub = randomText(random);
            ChannelPattern.ofTemplate("inbox:{sub}", sub)
                    .ifPresent(
                            pattern -> {
                                assertThat(pattern.isExact()).as("sub %s", sub).isTrue();
                                assertThat(pattern.text()).isEqualTo("inbox:" + sub);
                            });
        }
    }

    @Test
    void templateThatGrowsTooLongForAUserIsNothing() {
        assertThat(ChannelPattern.ofTemplate("inbox:{sub}", "a".repeat(249))).isPresent();
        assertThat(ChannelPattern.ofTemplate("inbox:{sub}", "a".repeat(250))).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "in box:{sub}", "{sub}*x", "{user}", "{sub", "*{sub}"})
    void templateThatIsNoPatternIsRefusedForEverybody(String template) {
        assertThatThrownBy(() -> ChannelPattern.ofTemplate(template, "alice"))
                .isInstanceOf(Refusal.class);
        assertThatThrownBy(() -> ChannelPattern.ofTemplate(template, null))
                .isInstanceOf(Refusal.class);
    }

    private static boolean matches(ChannelPattern pattern, String name) {
        return pattern.matches(new Channel(name));
    }

    private static List<String> allNames(int maxLength) {
        List<String> all = new ArrayList<>();
        List<String> longest = List.of("");
        for (int i = 0; i < maxLength; i++) {
            longest = longest.stream().flatMap(n -> List.of(n + "a", n + ":").stream()).toList();
            all.addAll(longest);
        }
        return all;
    }

    private static Channel randomChannel(Random random) {
        return new Channel(letters(random, 1 + random.nextInt(5)));
    }

    private static ChannelPattern randomPattern(Random random) {
        return random.nextBoolean()
                ? new ChannelPattern(letters(random, random.nextInt(4)) + "*")
                : new ChannelPattern(letters(random, 1 + random.nextInt(4)));
    }

    private static String letters(Random random, int length) {
        return random.ints(length, 0, 3)
                .mapToObj(i -> "ab:".substring(i, i + 1))
                .collect(Collectors.joining());
    }

    private static String randomText(Random random) {
        String alphabet = "ab:*{}su \u00e9\n/~";
        return random.ints(random.nextInt(6), 0, alphabet.length())
                .mapToObj(i -> alphabet.substring(i, i + 1))
                .collect(Collectors.joining());
    }
}
