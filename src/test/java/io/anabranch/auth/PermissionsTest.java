package io.anabranch.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Refusal;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PermissionsTest {
    @Test
    void grantsNothingByDefault() {
        assertThat(Permissions.NONE.maySubscribe(new ChannelPattern("chat:lobby"))).isFalse();
        assertThat(Permissions.NONE.mayPublish(new Channel("chat:lobby"))).isFalse();
        assertThat(Permissions.NONE.mayPresence(new ChannelPattern("chat:lobby"))).isFalse();
        assertThat(Permissions.NONE.mayCall("library.borrow")).isFalse();
        assertThat(Permissions.NONE.admin()).isFalse();
    }

    @Test
    void letsAnAdminDoNoMoreThanThePatternsSay() {
        Permissions admin = grants("{\"admin\":true}").of("alice");

        assertThat(admin.maySubscribe(new ChannelPattern("chat:lobby"))).isFalse();
        assertThat(admin.mayPublish(new Channel("chat:lobby"))).isFalse();
    }

    @Test
    void needsOnePatternThatCoversAllThatIsAskedFor() {
        Permissions permissions =
                grants("{\"subscribe\":[\"chat:a*\",\"chat:b*\",\"news\"]}").of("alice");

        assertThat(permissions.maySubscribe(new ChannelPattern("chat:abc*"))).isTrue();
        assertThat(permissions.maySubscribe(new ChannelPattern("chat:a"))).isTrue();
        assertThat(permissions.maySubscribe(new ChannelPattern("news"))).isTrue();
        assertThat(permissions.maySubscribe(new ChannelPattern("news*"))).isFalse();
        assertThat(permissions.maySubscribe(new ChannelPattern("chat:*"))).isFalse();
        assertThat(permissions.maySubscribe(new ChannelPattern("*"))).isFalse();
    }

    @Test
    void grantsEveryChannelOfASubscriptionThatItAllows() {
        Random random = new Random(11);
        int allowed = 0;
        for (int i = 0; i < 20_000; i++) {
            String granted = text(random, 3) + (random.nextBoolean() ? "*" : "x");
            String asked = text(random, 4) + (random.nextBoolean() ? "*" : "x");
            Permissions permissions =
                    new Grants(List.of(granted), List.of(granted), List.of(), List.of(), false)
                            .of(null);
            if (permissions.maySubscribe(new ChannelPattern(asked))) {
                allowed++;
                String name =
                        asked.endsWith("*")
                                ? asked.substring(0, asked.length() - 1) + text(random, 3) + "y"
                                : asked;
                assertThat(permissions.mayPublish(new Channel(name)))
                        .as("%s covers %s, which matches %s", granted, asked, name)
                        .isTrue();
            }
        }
        assertThat(allowed).isGreaterThan(100);
    }

    @Test
    void readsBackWhatItWrites() {
        Grants grants =
                new Grants(
                        List.of("chat:*", "inbox:{sub}"),
                        List.of("chat:*"),
                        List.of("chat:lobby"),
                        List.of("library.*"),
                        true);

        assertThat(Grants.fromJson(grants.toJson())).isEqualTo(grants);
        assertThat(Grants.NONE.toJson()).isEqualTo(new JsonObject());
    }

    @Test
    void putsTheUserIntoServicesToo() {
        Permissions permissions = grants("{\"call\":[\"desk.{sub}.*\"]}").of("alice");

        assertThat(permissions.mayCall("desk.alice.open")).isTrue();
        assertThat(permissions.mayCall("desk.bob.open")).isFalse();
    }

    @Test
    void saysWhichGrantIsNoPattern() {
        assertThatThrownBy(() -> grants("{\"publish\":[\"ch at\"]}"))
                .isInstanceOf(Refusal.class)
                .hasMessage(
                        "publish: \"ch at\" (expected: a pattern such as chat:*, chat:lobby or"
                                + " inbox:{sub})");
    }

    private static String text(Random random, int most) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(most + 1); i > 0; i--) {
            text.append("ab:".charAt(random.nextInt(3)));
        }
        return text.toString();
    }

    private static Grants grants(String json) {
        return Grants.fromJson(new JsonObject(json));
    }
}
