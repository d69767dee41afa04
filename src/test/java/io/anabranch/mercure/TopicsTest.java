package io.anabranch.mercure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.message.Channel;
import io.anabranch.message.Refusal;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TopicsTest {
    @Test
    void channelsNamesAreTopicsAsTheyAre() {
        for (String topic : new String[] {"chat:lobby", "https://example.com/books/1", "bar"}) {
            assertThat(Topics.channel(topic, false).name()).isEqualTo(topic);
        }
    }

    @Test
    void whatNoChannelMayHaveIsEscapedAndComesBack() {
        String topic = "https://example.com/users/foo/?topic=a%2Fb#é~";
        Channel channel = Topics.channel(topic, false);
        assertThat(channel.name())
                .isEqualTo("https://example.com/users/foo/~3Ftopic~3Da~252Fb~23~C3~A9~7E");
        assertThat(Topics.topic(channel)).isEqualTo(topic);
    }

    @Test
    void everyTopicComesBackFromItsOwnChannels() {
        Random random = new Random(7);
        for (int i = 0; i < 5_000; i++) {
            String topic =
                    random.ints(1 + random.nextInt(20), 1, i % 2 == 0 ? 0x80 : 0x800)
                            .collect(
                                    StringBuilder::new,
                                    StringBuilder::appendCodePoint,
                                    StringBuilder::append)
                            .toString();
            for (boolean isPrivate : new boolean[] {false, true}) {
                Channel channel = Topics.channel(topic, isPrivate);
                assertThat(Topics.topic(channel)).isEqualTo(topic);
                assertThat(Topics.isPrivate(channel)).isEqualTo(isPrivate);
            }
        }
    }

    @Test
    void noTopicHasAPrivateChannelForItsPublicOne() {
        assertThat(Topics.isPrivate(Topics.channel("~private:a", false))).isFalse();
    }

    @Test
    void aChannelThatNoTopicHasIsReadAsItIs() {
        assertThat(Topics.topic(new Channel("a~b~4"))).isEqualTo("a~b~4");
    }

    @Test
    void refusesWhatIsTooLongOrEmpty() {
        assertThatThrownBy(() -> Topics.channel("é".repeat(43), false))
                .isInstanceOf(Refusal.class)
                .hasMessageContaining("count three times a byte");
        assertThatThrownBy(() -> Topics.channel("", true)).isInstanceOf(Refusal.class);
    }
}
