package io.anabranch.embedding;

import static io.anabranch.embedding.Application.await;
import static io.anabranch.embedding.Application.options;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.Anabranch;
import io.anabranch.AnabranchOptions;
import io.anabranch.Gap;
import io.anabranch.Subscription;
import io.anabranch.config.ConfigException;
import io.anabranch.log.Page;
import io.anabranch.message.Cursor;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.stream.Frames.GapReason;
import io.anabranch.stream.Start;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What a hub does for the application that it is part of. */
class AnabranchTest {
    @RegisterExtension final Application application = new Application();
    private final BlockingQueue<Message> messages = new LinkedBlockingQueue<>();
    private final BlockingQueue<Gap> gaps = new LinkedBlockingQueue<>();

    @Test
    void itReadsAndPublishesForItsApplication() throws Exception {
        Anabranch hub = application.create(options());
        MessageId first = await(hub.publish("a:1", new JsonObject().put("n", 1))).id();
        await(hub.publish("a:2", null));
        MessageId third = await(hub.publish("a:1", List.of(3))).id();
        Page page = await(hub.history("a:1", new Cursor.After(first), 10));
        assertThat(page.messages()).extracting(Message::id).containsExactly(third);
        assertThat(await(hub.last("a:1", 1))).extracting(Message::id).containsExactly(third);
        assertThat(hub.head()).isEqualTo(third);
        assertThat(hub.presence("a:1").count()).isZero();
        assertThat(hub.notReady()).isEmpty();
        assertThat(hub.metrics()).contains("anabranch_");
    }

    @Test
    void aSubscriptionBeginsWhereItIsToldToAndGoesOn() throws Exception {
        Anabranch hub = application.create(options());
        MessageId first = await(hub.publish("a:1", 1)).id();
        await(hub.publish("b", 0));
        await(hub.publish("a:2", 2));
        Subscription after = subscribe(hub, new Start.After(new Cursor.After(first)));
        assertThat(data(1)).containsExactly("2");
        after.close();
        Subscription last = subscribe(hub, new Start.Last(1));
        assertThat(data(2)).containsExactly("1", "2");
        last.close();
        Subscription earliest = subscribe(hub, new Start.After(new Cursor.Earliest()));
        assertThat(data(2)).containsExactly("1", "2");
        earliest.close();
        Subscription live = subscribe(hub, new Start.Live());
        MessageId third = await(hub.publish("a:1", 3)).id();
        assertThat(data(1)).containsExactly("3");
        assertThat(live.cursor()).isEqualTo(new Cursor.After(third));
        assertThat(gaps).isEmpty();
    }

    @Test
    void aSubscriptionIsToldOfWhatIsLost() throws Exception {
        Anabranch hub = application.create(options().set("channels.\"a:*\".history.messages", 1));
        MessageId first = await(hub.publish("a:1", 1)).id();
        await(hub.publish("a:1", 2));
        await(hub.publish("a:1", 3));
        subscribe(hub, new Start.After(new Cursor.After(first)));
        assertThat(data(1)).containsExactly("3");
        assertThat(gaps.poll(10, TimeUnit.SECONDS))
                .isEqualTo(new Gap("a:1", first.toString(), GapReason.EXPIRED));
        subscribe(hub, new Start.After(new Cursor.After(new MessageId("zzzz", 7))));
        assertThat(gaps.poll(10, TimeUnit.SECONDS))
                .isEqualTo(new Gap("a:*", "zzzz-7", GapReason.RESET));
    }

    @Test
    void aSubscriptionThatIsPausedReadsFromTheLogLater() throws Exception {
        int many = 5_000;
        Anabranch hub =
                application.create(options().set("channels.\"a:*\".history.messages", many));
        Subscription subscription = subscribe(hub, new Start.Live());
        subscription.pause();
        for (int i = 0; i < many; i++) {
            hub.publish("a:1", i);
        }
        await(hub.publish("b", 0));
        assertThat(messages).isEmpty();
        subscription.resume();
        List<String> all = data(many);
        assertThat(all).hasSize(many).startsWith("0", "1").endsWith(String.valueOf(many - 1));
        assertThat(all).doesNotHaveDuplicates();
        await(hub.publish("a:1", many));
        assertThat(data(1)).containsExactly(String.valueOf(many));
        assertThat(gaps).isEmpty();
    }

    @Test
    void whatIsWrongWithItsOptionsIsSaid() {
        assertThatThrownBy(
                        () -> application.create(new AnabranchOptions().set("log.type", "memory")))
                .cause()
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("auth.keys: none");
        assertThatThrownBy(
                        () ->
                                application.create(
                                        options().set("http.port", 8080).set("http.hartbeat", 1)))
                .cause()
                .hasMessageContaining("http.port: set (expected: left out")
                .hasMessageContaining("http.hartbeat: unknown key (did you mean http.heartbeat?)");
        assertThatThrownBy(() -> application.create(options().set("no path", 1)))
                .cause()
                .hasMessageContaining("\"no path\" (expected: a path such as log.type)");
    }

    private Subscription subscribe(Anabranch hub, Start start) {
        return hub.subscribe("a:*", start, messages::add, gaps::add);
    }

    private List<String> data(int count) throws InterruptedException {
        List<String> data = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Message message = messages.poll(10, TimeUnit.SECONDS);
            assertThat(message).as("message %d of %d", i, count).isNotNull();
            data.add(message.data().toString());
        }
        return data;
    }
}
