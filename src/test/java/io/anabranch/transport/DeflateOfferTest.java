package io.anabranch.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeflateOfferTest {
    private static final String AGREED =
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "permessage-deflate",
                "Permessage-Deflate ; client_max_window_bits",
                "permessage-deflate; client_max_window_bits=8",
                "permessage-deflate; client_max_window_bits=\"15\"",
                "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
                "x-webkit-deflate-frame, permessage-deflate",
                "permessage-deflate; server_max_window_bits=10, permessage-deflate",
                "permessage-deflate; unknown, permessage-deflate"
            })
    void takesTheFirstOfferThatCanBeHad(String offer) {
        assertThat(DeflateOffer.accept(List.of(offer))).hasValue(AGREED);
    }

    @Test
    void answersTheLargestWindowWhereItIsAskedFor() {
        assertThat(DeflateOffer.accept(List.of("permessage-deflate; server_max_window_bits=15")))
                .hasValue(AGREED + "; server_max_window_bits=15");
    }

    @Test
    void looksThroughSeveralHeaders() {
        assertThat(DeflateOffer.accept(List.of("foo", "permessage-deflate"))).hasValue(AGREED);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "permessage-deflat",
                "permessage-deflate=1",
                "permessage-deflate; server_max_window_bits",
                "permessage-deflate; server_max_window_bits=14",
                "permessage-deflate; server_max_window_bits=16",
                "permessage-deflate; client_max_window_bits=7",
                "permessage-deflate; client_max_window_bits=16",
                "permessage-deflate; client_max_window_bits=015",
                "permessage-deflate; client_max_window_bits=",
                "permessage-deflate; server_no_context_takeover=1",
                "permessage-deflate; client_no_context_takeover=true",
                "permessage-deflate; client_max_window_bits; client_max_window_bits",
                "permessage-deflate; mux",
                "permessage-deflate;"
            })
    void declinesWhatIsNoOfferOrCannotBeHad(String offer) {
        assertThat(DeflateOffer.accept(List.of(offer))).isEmpty();
    }
}
