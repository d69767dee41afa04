package io.anabranch.log.nats;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SubjectsTest {
    private static final String LEGAL =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-:/@~";

    private final Subjects subjects = new Subjects("s");

    @Test
    void cutsNamesBehindTheirSeparators() {
        assertThat(subjects.message(new Channel("chat:lobby"))).isEqualTo("s.message.chat:.lobby");
        assertThat(subjects.message(new Channel("a/b.c"))).isEqualTo("s.message.a/.b=.c");
        assertThat(subjects.message(new Channel("chat:"))).isEqualTo("s.message.chat:");
        assertThat(subjects.message(new Channel("..."))).isEqualTo("s.message.=.=.=");
        assertThat(subjects.cut(new Channel("chat:lobby"))).isEqualTo("s.cut.chat:.lobby");
    }

    @Test
    void asksForAPatternByTheWholeTokensThatItBeginsWith() {
        assertThat(live("chat:lobby")).isEqualTo("s-hubs.message.chat:.lobby");
        assertThat(live("chat:*")).isEqualTo("s-hubs.message.chat:.>");
        assertThat(live("chat:lo*")).isEqualTo("s-hubs.message.chat:.>");
        assertThat(live("a/b.c*")).isEqualTo("s-hubs.message.a/.b=.>");
        assertThat(live("chat*")).isEqualTo("s-hubs.message.>");
        assertThat(live("*")).isEqualTo(subjects.allLive());
    }

    private String live(String pattern) {
        return subjects.live(new ChannelPattern(pattern));
    }

    @Test
    void givesEveryChannelASubjectOfItsOwnAndBack() {
        Random random = new Random(7);
        Set<String> names = new HashSet<>();
        Set<String> seen = new HashSet<>();
        for (int i = 0; i < 20_000; i++) {
            StringBuilder name = new StringBuilder();
            int length = 1 + random.nextInt(random.nextInt(10) == 0 ? Channel.MAX_LENGTH : 6);
            for (int j = 0; j < length; j++) {
                String among = random.nextBoolean() ? LEGAL : ".:/a";
                name.append(among.charAt(random.nextInt(among.length())));
            }
            Channel channel = new Channel(name.toString());
            String subject = subjects.message(channel);
            assertThat(subject).matches("s\\.message(\\.[^.*> ]+)+");
            assertThat(subjects.messageChannel(subject)).isEqualTo(channel);
            assertThat(subjects.cutChannel(subject)).isNull();
            assertThat(subjects.cutChannel(subjects.cut(channel))).isEqualTo(channel);
            names.add(channel.name());
            seen.add(subject);
        }
        assertThat(seen).hasSameSizeAs(names);
    }

    @Test
    void knowsNoChannelForASubjectOfAnother() {
        assertThat(subjects.messageChannel("t.message.a")).isNull();
        assertThat(subjects.messageChannel("s.message.a+b")).isNull();
        assertThat(subjects.messageChannel("s.epoch")).isNull();
    }
}
