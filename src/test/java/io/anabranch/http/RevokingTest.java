package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.Rest;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.SseReader.Block;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** A revoked token counts no more, wherever it is shown and wherever it was. */
class RevokingTest {
    private static final String REVOCATIONS = "/api/v1/revocations";

    @TempDir static Path directory;

    @RegisterExtension
    final TestHub hub =
            new TestHub()
                    .sqlite(directory.resolve(UUID.randomUUID() + ".db"))
                    .cookie("token")
                    .durable("chat:*");

    @Test
    void endsTheConnectionsOfAUserAtOnceAndLeavesTheOthers() throws Exception {
        String alice = hub.token("alice");
        try (var socket = new WsClient(hub, "/ws?channel=chat:a", alice);
                var stream = new SseReader(hub, "/sse?channel=chat:a", alice);
                var other = new WsClient(hub, "/ws?channel=chat:a", hub.token("bob"))) {
            socket.next("ready");
            stream.next();
            other.next("ready");

            JsonObject revocation = revoke("{\"sub\":\"alice\"}");

            assertThat(revocation.getString("id")).isEqualTo("sub:alice");
            assertThat(revocation.getLong("issuedBefore")).isEqualTo(revocation.getLong("since"));
            assertThat(revocation.containsKey("until")).isFalse();
            assertThat(socket.next("close").getInteger("code")).isEqualTo(4401);
            assertThat(socket.closeCode()).isEqualTo(4401);
            Block close = stream.message();
            assertThat(close.event()).isEqualTo("hub.close");
            assertThat(new JsonObject(close.data()).getInteger("code")).isEqualTo(4401);
            assertThat(new JsonObject(close.data()).getString("reason")).isEqualTo("token revoked");
            assertThat(stream.message().event()).isEqualTo("end of stream");
            String id = new Rest(hub, hub.token("bob")).publish("chat:a", "1");
            assertThat(other.next().getString("id")).isEqualTo(id);
        }
    }

    @Test
    void endsTheConnectionsOfOneTokenAndLeavesTheUsersOthers() throws Exception {
        String lost = hub.token("alice");
        try (var socket = new WsClient(hub, "/ws", lost);
                var other = new WsClient(hub, "/ws", hub.token("alice"))) {
            socket.next("ready");
            other.next("ready");
            revoke(new JsonObject().put("jti", jti(lost)).encode());
            assertThat(socket.closeCode()).isEqualTo(4401);
            assertThat(other.send("{\"type\":\"ping\",\"ref\":1}").next("ok").getInteger("ref"))
                    .isEqualTo(1);
        }
    }

    @Test
    void refusesTheTokenWhereverItIsShown() throws Exception {
        String token = hub.token("alice");
        String ticket = ticket(token);
        String ticketForTheSocket = ticket(token);
        Rest anybody = new Rest(hub, "");
        Rest alice = new Rest(hub, token);
        assertThat(alice.post("chat:a", "application/json", "1").statusCode()).isEqualTo(201);
        revoke(new JsonObject().put("jti", jti(token)).encode());

        String why = "token: revoked, by its jti (expected: a new one)";
        assertRefused(alice.get("/sse?channel=chat:a"), 401, why);
        assertRefused(alice.post("chat:a", "application/json", "1"), 401, why);
        assertRefused(alice.send("/api/v1/tickets", "", ""), 401, why);
        assertRefused(anybody.get("/sse?channel=chat:a", "Cookie", "token=" + token), 401, why);
        assertRefused(anybody.get("/sse?channel=chat:a&ticket=" + ticket), 401, why);
        for (String path : List.of("/ws", "/ws?ticket=" + ticketForTheSocket)) {
            try (var socket = new WsClient(hub, path, path.equals("/ws") ? token : "")) {
                JsonObject close = socket.next("close");
                assertThat(close.getInteger("code")).isEqualTo(4401);
                assertThat(close.getString("reason")).isEqualTo(why);
            }
        }
        try (var socket = new WsClient(hub, "/ws", hub.token("alice"))) {
            socket.next("ready");
            JsonObject error = socket.send(auth(token)).next("error");
            assertThat(error.getInteger("status")).isEqualTo(401);
            assertThat(error.getString("message")).isEqualTo(why);
            assertThat(socket.send("{\"type\":\"ping\",\"ref\":2}").next().getString("type"))
                    .as("the connection stays, with the token that it had")
                    .isEqualTo("ok");
        }
    }

    @Test
    void takesATokenOfTheUserThatWasIssuedLater() throws Exception {
        String early = hub.token("alice");
        long issued = claims(early).getLong("iat") * 1_000;
        revoke(new JsonObject().put("sub", "alice").put("issuedBefore", issued + 1).encode());
        assertRefused(
                new Rest(hub, early).get("/sse?channel=chat:a"), 401, "those of its sub issued");
        Awaitility.await().until(() -> System.currentTimeMillis() >= issued + 1_000);
        try (var socket = new WsClient(hub, "/ws", hub.token("alice"))) {
            assertThat(socket.next("ready").getString("user")).isEqualTo("alice");
        }
    }

    @Test
    void leavesAConnectionThatWasRenewedSince() throws Exception {
        String early = hub.token("alice");
        try (var socket = new WsClient(hub, "/ws", early)) {
            socket.next("ready");
            socket.send(auth(hub.token("alice"))).next("ok");
            revoke(new JsonObject().put("jti", jti(early)).encode());
            assertThat(socket.send("{\"type\":\"ping\",\"ref\":2}").next().getString("type"))
                    .isEqualTo("ok");
            revoke("{\"sub\":\"alice\"}");
            assertThat(socket.closeCode()).isEqualTo(4401);
        }
    }

    @Test
    void keepsAUserOutUntilALaterMoment() throws Exception {
        long until = System.currentTimeMillis() + 600_000;
        JsonObject body =
                new JsonObject().put("sub", "alice").put("issuedBefore", until).put("until", until);
        JsonObject revocation = revoke(body.encode());
        assertThat(revocation.getLong("until")).isEqualTo(until);
        assertRefused(new Rest(hub, hub.token("alice")).get("/sse?channel=a"), 401, "revoked");
    }

    @Test
    void survivesARestartUntilItIsLifted() throws Exception {
        String alice = hub.token("alice/and:co é");
        String lost = hub.token("bob");
        revoke(new JsonObject().put("sub", "alice/and:co é").encode());
        revoke(new JsonObject().put("jti", jti(lost)).encode());

        hub.stop();
        hub.start();

        assertRefused(new Rest(hub, alice).get("/sse?channel=chat:a"), 401, "token: revoked");
        assertRefused(new Rest(hub, lost).get("/sse?channel=chat:a"), 401, "token: revoked");
        Rest admin = new Rest(hub, hub.adminToken());
        assertThat(ids(admin)).containsExactly("jti:" + jti(lost), "sub:alice/and:co é");
        String path = REVOCATIONS + "/sub:alice%2Fand:co%20%C3%A9";
        assertThat(admin.delete(path).statusCode()).isEqualTo(204);
        assertRefused(admin.delete(path), 404, "revocation: \"sub:alice/and:co é\" (expected:");
        hub.stop();
        hub.start();
        new Rest(hub, alice).publish("chat:a", "1");
        assertRefused(new Rest(hub, lost).get("/sse?channel=chat:a"), 401, "token: revoked");
        assertThat(ids(new Rest(hub, hub.adminToken()))).containsExactly("jti:" + jti(lost));
    }

    private List<String> ids(Rest admin) throws Exception {
        List<String> ids = new ArrayList<>();
        String after = "";
        JsonObject page;
        do {
            page = new JsonObject(admin.get(REVOCATIONS + "?limit=1" + after).body());
            JsonArray revocations = page.getJsonArray("revocations");
            revocations.forEach(it -> ids.add(((JsonObject) it).getString("id")));
            String cursor =
                    java.net.URLEncoder.encode(page.getString("cursor"), StandardCharsets.UTF_8);
            after = "&after=" + cursor;
        } while (page.getBoolean("more"));
        return ids;
    }

    @Test
    void endsAnUploadThatIsUnderWay() throws Exception {
        String token = hub.token("alice");
        try (Socket upload = new Socket("127.0.0.1", hub.port())) {
            upload.setSoTimeout(10_000);
            OutputStream out = upload.getOutputStream();
            String head =
                    "POST /api/v1/messages HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                            + "Content-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n"
                            + "Authorization: Bearer "
                            + token
                            + "\r\n\r\n";
            out.write(head.getBytes(StandardCharsets.US_ASCII));
            var in =
                    new BufferedReader(
                            new InputStreamReader(upload.getInputStream(), StandardCharsets.UTF_8));
            out.write(chunk("{\"channel\":\"chat:up\",\"data\":1}\n"));
            String line = in.readLine();
            while (!line.contains("\"id\"")) {
                line = in.readLine();
            }
            revoke(new JsonObject().put("jti", jti(token)).encode());
            out.write(chunk("{\"channel\":\"chat:up\",\"data\":2}\n"));
            out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            while (!line.contains("\"status\"")) {
                line = in.readLine();
            }
            assertThat(line).contains("401").contains("token: revoked");
        }
        JsonArray stored = new Rest(hub, hub.token("bob")).history("chat:up", "");
        assertThat(stored).hasSize(1);
    }

    private static byte[] chunk(String text) {
        return (Integer.toHexString(text.length()) + "\r\n" + text + "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void harmsNoNeighbourUnderLoad() throws Exception {
        int each = 60;
        List<WsClient> ending = new ArrayList<>();
        List<SseReader> endingStreams = new ArrayList<>();
        String token = hub.token("alice");
        try (var socket = new WsClient(hub, "/ws?channel=chat:load", hub.token("bob"));
                var stream = new SseReader(hub, "/sse?channel=chat:load", hub.token("bob"))) {
            for (int i = 0; i < each; i++) {
                ending.add(new WsClient(hub, "/ws?channel=chat:load", token));
                endingStreams.add(new SseReader(hub, "/sse?channel=chat:load", token));
            }
            socket.next("ready");
            Rest publisher = new Rest(hub, hub.token("carol"));
            for (int n = 1; n <= 300; n++) {
                publisher.publish("chat:load", Integer.toString(n));
                if (n == 100) {
                    revoke("{\"sub\":\"alice\"}");
                }
            }
            for (int n = 1; n <= 300; n++) {
                assertThat(socket.next("message").getInteger("data")).isEqualTo(n);
                assertThat(stream.message().data()).isEqualTo(Integer.toString(n));
            }
            for (WsClient client : ending) {
                assertThat(client.closeCode()).isEqualTo(4401);
                assertNothingMissingBeforeTheEnd(client);
            }
            for (SseReader reader : endingStreams) {
                int n = 1;
                Block block = reader.message();
                for (; !block.event().equals("hub.close"); block = reader.message()) {
                    assertThat(block.data()).isEqualTo(Integer.toString(n++));
                }
                assertThat(n).as("ended soon after the 100th").isLessThan(300);
            }
        }
    }

    private static void assertNothingMissingBeforeTheEnd(WsClient client) throws Exception {
        client.next("ready");
        int n = 1;
        JsonObject frame = client.next();
        for (; frame.getString("type").equals("message"); frame = client.next()) {
            assertThat(frame.getInteger("data")).isEqualTo(n++);
        }
        assertThat(frame.getString("type")).isEqualTo("close");
        assertThat(n).as("ended soon after the 100th").isLessThan(300);
    }

    @Test
    void saysWhatIsWrongWithARevocation() throws Exception {
        long now = System.currentTimeMillis();
        assertBad("", "body: not a JSON object");
        assertBad("[]", "body: not a JSON object (expected:");
        assertBad("{}", "sub, jti: neither (expected: one of them");
        assertBad("{\"sub\":\"a\",\"jti\":\"b\"}", "sub, jti: both (expected: one of them");
        assertBad("{\"sub\":7}", "sub: \"7\" (expected: a string)");
        assertBad("{\"sub\":\"\"}", "sub: \"\" (expected: 1 to 1024 characters)");
        assertBad("{\"jti\":\"" + "x".repeat(1_025) + "\"}", "jti: ");
        assertBad("{\"sub\":\"a\",\"until\":\"soon\"}", "until: \"\"soon\"\" (expected: milli");
        assertBad("{\"sub\":\"a\",\"until\":" + now / 1_000 + "}", "(expected: milliseconds");
        assertBad("{\"sub\":\"a\",\"until\":" + (now - 1) + "}", "(expected: later than now");
        assertBad("{\"sub\":\"a\",\"issuedBefore\":1.5}", "issuedBefore: \"1.5\" (expected: milli");
        assertBad(
                "{\"jti\":\"a\",\"issuedBefore\":" + now + "}", "(expected: none beside jti, only");
        HttpResponse<String> text =
                new Rest(hub, hub.adminToken()).send(REVOCATIONS, "text/plain", "{\"sub\":\"a\"}");
        assertRefused(text, 415, "(expected: application/json)");
        assertRefused(
                new Rest(hub, hub.adminToken()).delete(REVOCATIONS + "/nobody"),
                404,
                "revocation:");
    }

    private void assertBad(String body, String message) throws Exception {
        Rest admin = new Rest(hub, hub.adminToken());
        assertRefused(admin.send(REVOCATIONS, "application/json", body), 400, message);
    }

    private JsonObject revoke(String body) throws Exception {
        HttpResponse<String> response =
                new Rest(hub, hub.adminToken()).send(REVOCATIONS, "application/json", body);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(201);
        return new JsonObject(response.body());
    }

    private String ticket(String token) throws Exception {
        HttpResponse<String> issued = new Rest(hub, token).send("/api/v1/tickets", "", "");
        return new JsonObject(issued.body()).getString("ticket");
    }

    private static String auth(String token) {
        return new JsonObject().put("type", "auth").put("ref", 1).put("token", token).encode();
    }

    private static String jti(String token) {
        return claims(token).getString("jti");
    }

    private static JsonObject claims(String token) {
        byte[] json = Base64.getUrlDecoder().decode(token.split("\\.")[1]);
        return new JsonObject(new String(json, StandardCharsets.UTF_8));
    }

    private static void assertRefused(HttpResponse<String> response, int status, String message) {
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        assertThat(new JsonObject(response.body()).getString("message")).contains(message);
    }
}
