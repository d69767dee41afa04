package io.anabranch.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.json.JsonArray;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SchemaTest {
    @Test
    void hasDefaultsThatFitTheirOwnTypes() {
        for (Schema.Key key : Schema.keys()) {
            Object standard =
                    key.standard() instanceof List<?> list ? new JsonArray(list) : key.standard();
            if (standard != null) {
                assertThat(key.type().converted().apply(standard)).as(key.path()).isPresent();
            }
        }
    }

    @Test
    void namesEachKeyOnceAndDescribesItInASentence() {
        assertThat(Schema.keys()).extracting(Schema.Key::path).doesNotHaveDuplicates();
        assertThat(Schema.keys())
                .allMatch(key -> key.description().matches("[A-Z].*[.]"), "a sentence");
    }

    @Test
    void readsDurationsAndSizes() {
        assertThat(Units.milliseconds("500ms")).hasValue(500);
        assertThat(Units.milliseconds("15s")).hasValue(15_000);
        assertThat(Units.milliseconds("10m")).hasValue(600_000);
        assertThat(Units.milliseconds("1h")).hasValue(3_600_000);
        assertThat(Units.milliseconds("7d")).hasValue(604_800_000);
        assertThat(Units.bytes("64KiB")).hasValue(65_536);
        assertThat(Units.bytes("1MiB")).hasValue(1_048_576);
        assertThat(Units.bytes("100")).hasValue(100);
        for (String wrong : List.of("", "s", "1", "-1s", "1.5s", "1w", "01s", "99999999999999d")) {
            assertThat(Units.milliseconds(wrong)).as(wrong).isEmpty();
        }
        for (String wrong : List.of("", "KiB", "1KB", "1kib", "-1", "1e3", "99999999999999GiB")) {
            assertThat(Units.bytes(wrong)).as(wrong).isEmpty();
        }
    }

    @Test
    void readsBackEveryPathThatItWrites() {
        Random random = new Random(3);
        for (int i = 0; i < 5_000; i++) {
            KeyPath path = KeyPath.ROOT.with("a");
            for (int j = random.nextInt(4); j > 0; j--) {
                path =
                        switch (random.nextInt(3)) {
                            case 0 -> path.with(random.nextInt(100));
                            case 1 -> path.with("name-" + random.nextInt(100));
                            default -> path.with("chat." + random.nextInt(100) + ":[x] *");
                        };
            }
            assertThat(KeyPath.parse(path.toString())).contains(path);
        }
    }

    @Test
    void countsSlipsOfTheHand() {
        assertThat(Nearest.distance("prot", "port")).isEqualTo(1);
        assertThat(Nearest.distance("Port", "port")).isZero();
        assertThat(Nearest.distance("", "port")).isEqualTo(4);
        assertThat(Nearest.to("verticels", List.of("log", "verticles"))).contains("verticles");
        assertThat(Nearest.to("frobnicate", List.of("log", "verticles"))).isEmpty();
    }
}
