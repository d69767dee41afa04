package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.KeptConnection;
import io.anabranch.testing.Raw;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import io.netty.buffer.Unpooled;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import io.vertx.core.json.JsonObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bodies as they come: announced, in parts, in chunks, too large. */
class RequestBodyTest {
    private static final int LARGEST = 200_000;
    private static final String MESSAGES = "/api/v1/channels/chat:a/messages";
    private static final String CHUNKED = "Transfer-Encoding: chunked";

    @RegisterExtension final TestHub hub = new TestHub().maxMessage(LARGEST);

    @ParameterizedTest
    @CsvSource({
        "201," + MESSAGES + ",application/json,1",
        "200,/api/v1/messages,application/json,'[{\"channel\":\"chat:a\",\"data\":1}]'",
        "200,/api/v1/messages,application/x-ndjson,'{\"channel\":\"chat:a\",\"data\":1}'"
    })
    void whoAsksBeforeTheBodyIsToldToGoOn(int status, String path, String type, String body)
            throws Exception {
        try (KeptConnection connection = new KeptConnection(hub)) {
            connection.send(head(path, type, length(body), "Expect: 100-continue"));
            assertThat(connection.answer().status()).isEqualTo(100);
            connection.send(body);
            assertThat(connection.answer().status()).isEqualTo(status);
        }
        assertThat(published()).containsExactly("1");
    }

    @ParameterizedTest
    @CsvSource({
        "'Expect: something',1,417,100-continue",
        "'Expect: 100-continue',200001,413,at most 200000 bytes"
    })
    void whatWillBeRefusedIsNotAskedFor(String expect, int length, int status, String expected)
            throws Exception {
        try (KeptConnection connection = new KeptConnection(hub)) {
            String announced = "Content-Length: " + length;
            connection.send(head(MESSAGES, "application/json", announced, expect));
            Raw.Answer refused = connection.answer();
            assertThat(refused.status()).isEqualTo(status);
            assertThat(refused.body()).contains(expected);
        }
        assertThat(published()).isEmpty();
    }

    @Test
    void aBodyInPartsIsPutTogether() throws Exception {
        String large = "\"" + "é".repeat(LARGEST / 2 - 1) + "\"";
        byte[] bytes = large.getBytes(StandardCharsets.UTF_8);
        try (KeptConnection connection = new KeptConnection(hub)) {
            for (int part : List.of(1_000, 9_000, 70_000, LARGEST)) {
                connection.send(head(MESSAGES, "application/json", CHUNKED));
                for (int at = 0; at < bytes.length; at += part) {
                    int end = Math.min(at + part, bytes.length);
                    connection.send(Integer.toHexString(end - at) + "\r\n");
                    connection.send(bytes, at, end);
                    connection.send("\r\n");
                }
                connection.send("0\r\n\r\n");
                assertThat(connection.answer().status()).isEqualTo(201);
            }
        }
        assertThat(published()).hasSize(4).containsOnly(large.substring(1, large.length() - 1));
    }

    @Test
    void moreThanAMessageMayHaveIsRefusedAndTheConnectionGoesOn() throws Exception {
        try (KeptConnection connection = new KeptConnection(hub)) {
            connection.send(head(MESSAGES, "application/json", CHUNKED));
            String digits = "1".repeat(100_000);
            connection.send(("186a0\r\n" + digits + "\r\n").repeat(3) + "0\r\n\r\n");
            Raw.Answer refused = connection.answer();
            assertThat(refused.status()).isEqualTo(413);
            assertThat(refused.body()).contains("at most 200000 bytes");
            connection.send(head(MESSAGES, "application/json", length("2")) + "2");
            assertThat(connection.answer().status()).isEqualTo(201);
        }
        assertThat(published()).containsExactly("2");
    }

    @ParameterizedTest
    @CsvSource({"application/json,400", "text/plain,201"})
    void aBodyMayEndWithNothingButTrailers(String type, int status) throws Exception {
        try (KeptConnection connection = new KeptConnection(hub)) {
            connection.send(head(MESSAGES, type, CHUNKED) + "0\r\nX-Trailer: 1\r\n\r\n");
            assertThat(connection.answer().status()).isEqualTo(status);
        }
    }

    @ParameterizedTest
    @CsvSource({"application/json,400", "application/x-ndjson,200"})
    void soMayABatch(String type, int status) throws Exception {
        String path = "/api/v1/messages";
        try (KeptConnection connection = new KeptConnection(hub)) {
            connection.send(head(path, type, CHUNKED) + "0\r\nX-Trailer: 1\r\n\r\n");
            assertThat(connection.answer().status()).isEqualTo(status);
        }
    }

    @Test
    void whatIsNoChunkIsRefused() throws Exception {
        try (KeptConnection connection = new KeptConnection(hub)) {
            connection.send(head(MESSAGES, "application/json", CHUNKED) + "1\r\n1\r\nnone\r\n");
            assertThat(connection.answer().status()).isEqualTo(400);
        }
        assertThat(published()).isEmpty();
    }

    @Test
    void whoeverLeavesInTheMiddlePublishesNothing() throws Exception {
        try (KeptConnection connection = new KeptConnection(hub)) {
            connection.send(head(MESSAGES, "application/json", "Content-Length: 10") + "12345");
        }
        assertThat(published()).isEmpty();
    }

    @Test
    void whatCameAtOnceStaysWhereItCame() {
        Buffer came = Buffer.buffer("[1]");
        ByteBuffer bytes = RequestBody.bytes(came);
        came.setByte(1, (byte) '2');
        assertThat(bytes.get(1)).isEqualTo((byte) '2');
    }

    @Test
    void nothingIsAnEmptyArray() {
        Buffer nothing = BufferInternal.buffer(Unpooled.EMPTY_BUFFER);
        assertThat(RequestBody.bytes(nothing).array()).isEmpty();
    }

    private String head(String path, String type, String... headers) {
        return "POST %s HTTP/1.1\r\nHost: h\r\nContent-Type: %s\r\nAuthorization: Bearer %s\r\n%s\r\n\r\n"
                .formatted(path, type, hub.token("ann"), String.join("\r\n", headers));
    }

    private static String length(String body) {
        return "Content-Length: " + body.length();
    }

    private List<String> published() throws Exception {
        return new Rest(hub, hub.token("bob"))
                .history("chat:a", "").stream()
                        .map(message -> ((JsonObject) message).getValue("data").toString())
                        .toList();
    }
}
