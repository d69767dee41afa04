package io.anabranch.stream;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DeliveryCountsTest {
    @ParameterizedTest
    @EnumSource(Encoding.class)
    void areOfTheTransportThatAnEncodingIsOf(Encoding encoding) {
        DeliveryCounts counts = new DeliveryCounts();
        counts.to(encoding).messages.add(1);
        boolean isSse = encoding.name().matches("(SSE|MERCURE).*");
        assertThat(counts.sse().messages()).isEqualTo(isSse ? 1 : 0);
        assertThat(counts.webSocket().messages()).isEqualTo(isSse ? 0 : 1);
    }
}
