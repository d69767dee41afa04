package io.anabranch.http;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.Rest;
import io.anabranch.testing.SmallDisk;
import io.anabranch.testing.TestHub;
import io.anabranch.testing.WsClient;
import io.vertx.core.json.JsonObject;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What clients see of a disk that is full, and of one that has room again. */
class FullDiskTest {
    private static final String JSON = "\"" + "x".repeat(3_000) + "\"";

    private final TestHub hub = new TestHub().durable("chat:*");
    private final List<String> acknowledged = new ArrayList<>();
    private SmallDisk disk;

    @BeforeEach
    void start() throws Exception {
        disk = SmallDisk.mount(2_048);
        hub.sqlite(disk.directory().resolve("log.db")).start();
    }

    @AfterEach
    void stop() throws Exception {
        hub.stop();
        disk.close();
    }

    @Test
    void refusesWhatItCannotStoreAndServesOnUntilThereIsRoom() throws Exception {
        try (var socket = new WsClient(hub, "/ws?channel=ticker:x", hub.token("bob"))) {
            socket.next("ready");
            rest().publish("ticker:x", "1");
            assertThat(socket.next().getInteger("data")).isEqualTo(1);
            HttpResponse<String> refused = publishUntilRefused();
            assertThat(refused.statusCode()).isEqualTo(507);
            JsonObject problem = new JsonObject(refused.body());
            assertThat(problem.getString("code")).isEqualTo("storage_full");
            socket.send(
                    "{\"type\":\"publish\",\"ref\":1,\"channel\":\"chat:a\",\"data\":"
                            + JSON
                            + "}");
            JsonObject error = socket.next();
            assertThat(error.getString("type")).isEqualTo("error");
            assertThat(error.getInteger("status")).isEqualTo(507);

            rest().publish("ticker:x", "2");
            assertThat(socket.next().getInteger("data")).isEqualTo(2);
            assertThat(stored()).isEqualTo(acknowledged);

            disk.resize(16_384);
            Awaitility.await().atMost(20, SECONDS).until(() -> publish().statusCode() == 201);
            assertThat(stored()).isEqualTo(acknowledged);
        }
    }

    private HttpResponse<String> publishUntilRefused() throws Exception {
        HttpResponse<String> answer = publish();
        while (answer.statusCode() == 201) {
            answer = publish();
        }
        return answer;
    }

    private HttpResponse<String> publish() throws Exception {
        HttpResponse<String> answer = rest().post("chat:a", "application/json", JSON);
        if (answer.statusCode() == 201) {
            acknowledged.add(new JsonObject(answer.body()).getString("id"));
        }
        return answer;
    }

    private List<String> stored() throws Exception {
        return rest().history("chat:a", "limit=1000&after=earliest").stream()
                .map(message -> ((JsonObject) message).getString("id"))
                .toList();
    }

    private Rest rest() {
        return new Rest(hub, hub.token("alice"));
    }
}
