package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.FastDirectory;
import io.anabranch.testing.HubProcess;
import io.anabranch.testing.NatsServer;
import io.anabranch.testing.Pause;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.Wire;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One hub of several is cut off, or stands still: the others, and its clients, get over it. */
class ClusterTroubleTest {
    private static final String STREAM = "anabranch";
    private static final String ROOM = "/ws?channel=chat:a";
    private static final ConditionFactory SOON = Awaitility.await().atMost(20, TimeUnit.SECONDS);

    @TempDir(factory = FastDirectory.class)
    private Path directory;

    private NatsServer server;
    private TestHub hub;

    @BeforeEach
    void start() throws Exception {
        server = NatsServer.start(directory);
        hub = start(server.url());
    }

    private static TestHub start(String broker) throws Exception {
        TestHub started = new TestHub().nats(broker, STREAM).presence("chat:*").drain(0);
        started.start();
        return started;
    }

    @AfterEach
    void stop() throws Exception {
        hub.stop();
        server.close();
    }

    @Test
    void hubThatWasCutOffFromTheBrokerCatchesUp() throws Exception {
        try (Wire wire = new Wire(server.port())) {
            TestHub cutOff = start("nats://127.0.0.1:" + wire.port());
            try (var alice = new WsClient(hub, ROOM, hub.token("alice"));
                    var bob = new WsClient(cutOff, ROOM, hub.token("bob"))) {
                alice.next("ready");
                bob.next("ready");
                alice.next("join");
                Rest here = new Rest(hub, hub.token("alice"));
                Rest there = new Rest(cutOff, hub.token("alice"));
                // What a hub that starts cannot learn of the others in a moment, it learns later.
                SOON.until(() -> members(there) == 2);

                wire.part();
                List<String> ids = new ArrayList<>();
                ids.add(here.publish("chat:a", "1"));
                // Seen from here, that hub has ended; seen from there, nothing has changed.
                JsonObject leave = alice.next("leave");
                assertThat(leave.getString("user")).isEqualTo("bob");
                SOON.until(() -> there.get("/health/ready").statusCode() == 503);
                assertThat(there.post("chat:a", "application/json", "2").statusCode())
                        .isEqualTo(503);
                assertThat(members(there)).isEqualTo(2);
                ids.add(here.publish("chat:a", "3"));

                wire.mend();
                SOON.until(() -> there.get("/health/ready").statusCode() == 200);
                ids.add(there.publish("chat:a", "4"));
                for (String id : ids) {
                    assertThat(message(bob).getString("id")).isEqualTo(id);
                }
                assertThat(alice.next("join").getString("session"))
                        .isEqualTo(leave.getString("session"));
                assertThat(members(here)).isEqualTo(2);
            } finally {
                cutOff.stop();
            }
        }
    }

    @Test
    void hubThatStoodStillGoesOnWhereItWas(@TempDir Path own) throws Exception {
        try (var still = new HubProcess(own, List.of()).nats(server.url(), STREAM);
                var alice = new WsClient(hub, ROOM, hub.token("alice"))) {
            still.start();
            alice.next("ready");
            try (var bob = new WsClient(still.uri(ROOM), hub.token("bob"))) {
                bob.next("ready");
                JsonObject join = alice.next("join");
                Rest rest = new Rest(hub, hub.token("alice"));
                List<String> ids = new ArrayList<>();
                try (Pause pause = still.pause()) {
                    for (int i = 0; i < 50; i++) {
                        ids.add(rest.publish("chat:a", "1"));
                    }
                    assertThat(alice.next("leave").getString("user")).isEqualTo("bob");
                    ids.add(rest.publish("chat:a", "2"));
                }
                for (String id : ids) {
                    assertThat(message(bob).getString("id")).isEqualTo(id);
                }
                assertThat(alice.next("join").getString("session"))
                        .isEqualTo(join.getString("session"));
            }
        }
    }

    @Test
    void presenceAndRevocationsGoOnWhenTheBrokerWasAway() throws Exception {
        TestHub other = start(server.url());
        try (var alice = new WsClient(hub, ROOM, hub.token("alice"));
                var bob = new WsClient(other, ROOM, hub.token("bob"))) {
            alice.next("ready");
            bob.next("ready");
            alice.next("join");
            Rest admin = new Rest(hub, hub.adminToken());
            server.kill();
            SOON.until(() -> admin.get("/health/ready").statusCode() == 503);
            assertThat(revoke(admin, "carol")).isEqualTo(503);
            assertThat(admin.get("/api/v1/sessions").statusCode()).isEqualTo(503);
            server.restart();
            SOON.until(() -> admin.get("/health/ready").statusCode() == 200);
            SOON.until(() -> admin.get("/api/v1/sessions").statusCode() == 200);
            assertThat(revoke(admin, "bob")).isEqualTo(201);
            assertThat(bob.closeCode()).isEqualTo(4401);
            assertThat(alice.next().getString("type")).isEqualTo("leave");
        } finally {
            other.stop();
        }
    }

    /** The next frame; others may still be told to have come. */
    private static JsonObject message(WsClient reader) throws Exception {
        JsonObject next = reader.next();
        while (next.getString("type").equals("join")) {
            next = reader.next();
        }
        assertThat(next.getString("type")).as("%s", next).isEqualTo("message");
        return next;
    }

    private static int revoke(Rest admin, String user) throws Exception {
        return admin.send("/api/v1/revocations", "application/json", "{\"sub\":\"" + user + "\"}")
                .statusCode();
    }

    private static int members(Rest rest) throws Exception {
        return new JsonObject(rest.get("/api/v1/channels/chat:a/presence").body())
                .getInteger("count");
    }
}
