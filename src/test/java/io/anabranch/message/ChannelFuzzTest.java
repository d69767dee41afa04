package io.anabranch.message;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.Fuzz;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Channels, patterns, events and ids out of any characters, beside the grammar of the protocol. */
class ChannelFuzzTest {
    private static final Pattern CHANNEL = Pattern.compile("[A-Za-z0-9._\\-:/@~]{1,255}");
    private static final Pattern ID = Pattern.compile("[a-z0-9]{4,8}-(0|[1-9][0-9]*)");
    private static final String ALPHABET =
            "aZ09._-:/@~aaa---:::***{}sub%+ \n\u0000\u007f\u00e9\u2028\uD83D\uDE00\uD800\uFF0A";

    @Test
    void takesWhatTheGrammarTakesAndRefusesTheRest() {
        Fuzz.run(
                20_000,
                random -> {
                    String text = text(random);
                    boolean isChannel = CHANNEL.matcher(text).matches();
                    assertThat(accepts(() -> new Channel(text))).as(text).isEqualTo(isChannel);
                    String stem = text.endsWith("*") ? text.substring(0, text.length() - 1) : text;
                    boolean isStem = stem.isEmpty() || CHANNEL.matcher(stem).matches();
                    boolean isPattern = text.endsWith("*") ? isStem : isChannel;
                    // Whether a star counts among the 255 characters is left to either.
                    if (text.length() <= 255) {
                        assertThat(accepts(() -> new ChannelPattern(text)))
                                .as(text)
                                .isEqualTo(isPattern);
                    }
                    accepts(() -> EventName.check(text));
                    boolean parsed = accepts(() -> MessageId.parse("after", text));
                    assertThat(!parsed || ID.matcher(text).matches()).as(text).isTrue();
                });
    }

    @Test
    void matchesAsPrefixesDo() {
        Fuzz.run(
                20_000,
                random -> {
                    String channel = name(random);
                    String stem = random.nextBoolean() ? name(random) : cut(random, channel);
                    assertThat(new ChannelPattern(stem + "*").matches(new Channel(channel)))
                            .isEqualTo(channel.startsWith(stem));
                    assertThat(new ChannelPattern(channel).matches(new Channel(channel))).isTrue();
                });
    }

    private static String cut(Random random, String text) {
        return text.substring(0, random.nextInt(text.length() + 1));
    }

    private static String name(Random random) {
        StringBuilder name = new StringBuilder();
        for (int i = random.nextInt(6); i >= 0; i--) {
            name.append("ab:/".charAt(random.nextInt(4)));
        }
        return name.toString();
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder(random.nextInt(4) == 0 ? "k4x9-" : "");
        int length = random.nextInt(20) == 0 ? 250 + random.nextInt(10) : random.nextInt(9);
        boolean plain = random.nextBoolean();
        for (int i = 0; i < length; i++) {
            int at = random.nextInt(plain ? 11 : ALPHABET.length());
            text.append(ALPHABET.charAt(at));
        }
        return text.append(random.nextInt(4) == 0 ? "*" : "").toString();
    }

    private static boolean accepts(Runnable parse) {
        try {
            parse.run();
            return true;
        } catch (Refusal refusal) {
            assertThat(refusal.explanation()).contains("expected: ");
            return false;
        }
    }
}
