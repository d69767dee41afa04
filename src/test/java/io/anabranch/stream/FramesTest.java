package io.anabranch.stream;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.message.MessageId;
import java.math.BigDecimal;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class FramesTest {
    private static final MessageId ID = new MessageId("k4x9", 1042);

    @Test
    void answerToAPublisherIsTheJsonOfOneWithAnId() {
        List<Object> refs =
                Arrays.asList(
                        null,
                        "a",
                        "",
                        "\"\\\b\f\n\r\t\u0001 / \u007f é € \u2028 😀",
                        new BigDecimal("7"),
                        new BigDecimal("-1.50"),
                        new BigDecimal("1E+400"),
                        new BigDecimal("12345678901234567890.5"));
        for (Object ref : refs) {
            assertThat(new String(Frames.published(ref, ID), UTF_8))
                    .isEqualTo(Frames.ok(ref).put("id", ID.toString()).encode());
        }
    }
}
