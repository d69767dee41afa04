package io.anabranch.log;

import static io.anabranch.log.LogRecordContract.get;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.log.sqlite.SqliteLog;
import io.anabranch.log.sqlite.SqliteOptions;
import io.anabranch.message.Channel;
import io.anabranch.message.Cursor;
import io.anabranch.message.JsonValue;
import io.anabranch.message.Message;
import io.anabranch.message.MessageId;
import io.anabranch.message.Refusal;
import io.anabranch.testing.SmallDisk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A disk that is full refuses what must be stored, and nothing else; with room it all goes on. */
class SqliteDiskFullTest {
    private static final int SMALL_KIB = 2_048;
    private static final int LARGE_KIB = 32_768;
    private static final int UNWRITTEN_BYTES = 200_000;
    private static final Channel CHAT = new Channel("chat:a");
    private static final Channel TICKER = new Channel("ticker:x");
    private static final JsonValue DATA = JsonValue.ofText("x".repeat(3_000));

    private final List<Message> tail = new CopyOnWriteArrayList<>();
    private final List<MessageId> acknowledged = new ArrayList<>();
    private SmallDisk disk;
    private SqliteLog log;

    @BeforeEach
    void mount() throws Exception {
        disk = SmallDisk.mount(SMALL_KIB);
        log = open(disk.directory().resolve("log.db"));
    }

    @AfterEach
    void unmount() throws Exception {
        get(log.close());
        disk.close();
    }

    private SqliteLog open(Path path) {
        SqliteLog opened =
                SqliteLog.open(
                        new SqliteOptions(
                                path,
                                60_000,
                                SqliteOptions.NO_LIMIT,
                                new SqliteOptions.Bounds(64, 8_000, UNWRITTEN_BYTES, 1_000, 5)),
                        channel -> new Retention(10_000, 3_600_000, channel.equals(CHAT)),
                        System::currentTimeMillis);
        opened.tail(tail::add);
        return opened;
    }

    private MessageId append(Channel channel) throws Exception {
        return LogRecordContract.append(log, new Draft(channel, "", DATA, null, null));
    }

    private void fill() throws Exception {
        append(TICKER);
        for (int i = 0; i < 100_000; i++) {
            try {
                acknowledged.add(append(CHAT));
            } catch (Refusal refusal) {
                assertThat(refusal.status()).isEqualTo(507);
                assertThat(refusal.explanation()).contains("expected:");
                return;
            }
        }
        throw new AssertionError("the disk is never full");
    }

    private void makeRoom() throws Exception {
        disk.resize(LARGE_KIB);
        Awaitility.await()
                .atMost(20, SECONDS)
                .ignoreExceptionsInstanceOf(Refusal.class)
                .until(() -> acknowledged.add(append(CHAT)));
    }

    private List<Message> read(Channel channel) throws Exception {
        List<Message> messages = new ArrayList<>();
        Cursor after = new Cursor.Earliest();
        boolean more = true;
        while (more) {
            Page page = LogRecordContract.read(log, after, channel.name());
            messages.addAll(page.messages());
            after = new Cursor.After(page.cursor());
            more = page.more();
        }
        return messages;
    }

    private void assertOneChain(List<Message> messages) {
        for (int i = 1; i < messages.size(); i++) {
            assertThat(messages.get(i).prev()).isEqualTo(messages.get(i - 1).id());
        }
    }

    @Test
    void acknowledgesOnlyWhatIsStoredAndHealsByItself() throws Exception {
        fill();
        assertThatThrownBy(() -> append(CHAT)).isInstanceOf(Refusal.class);
        assertThat(read(CHAT)).extracting(Message::id).isEqualTo(acknowledged);
        makeRoom();
        assertThat(read(CHAT)).extracting(Message::id).isEqualTo(acknowledged);
        get(log.close());
        log = open(disk.directory().resolve("log.db"));
        List<Message> stored = read(CHAT);
        assertThat(stored).extracting(Message::id).isEqualTo(acknowledged);
        assertOneChain(stored);
    }

    @Test
    void refusesARepeatOfWhatWasRefused() throws Exception {
        fill();
        Draft draft = new Draft(CHAT, "", DATA, "alice", "k");
        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> get(log.append(draft))).isInstanceOf(Refusal.class);
        }
        makeRoom();
        assertThat(get(log.append(draft)).repeated()).isFalse();
        assertThat(get(log.append(draft)).repeated()).isTrue();
    }

    @Test
    void handsOnWhatIsNotDurableAndWritesItLater() throws Exception {
        fill();
        tail.clear();
        List<MessageId> ids = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            ids.add(append(TICKER));
        }
        assertThat(tail).extracting(Message::id).isEqualTo(ids);
        assertThat(read(TICKER)).extracting(Message::id).containsAll(ids);
        makeRoom();
        get(log.close());
        log = open(disk.directory().resolve("log.db"));
        List<Message> stored = read(TICKER);
        assertThat(stored).extracting(Message::id).hasSize(21).containsAll(ids);
        assertOneChain(stored);
    }

    @Test
    void tellsTheGapOfWhatItCouldNotKeep() throws Exception {
        fill();
        int many = 3 * UNWRITTEN_BYTES / 3_000;
        MessageId last = append(TICKER);
        for (int i = 0; i < many; i++) {
            last = append(TICKER);
        }
        Page page = LogRecordContract.read(log, new Cursor.Earliest(), TICKER.name());
        assertThat(page.gaps()).hasSize(1);
        assertThat(page.messages()).hasSizeLessThan(many);
        assertThat(page.messages().get(0).prev()).isEqualTo(page.gaps().get(0).resumed());
        assertThat(page.messages().get(page.messages().size() - 1).id()).isEqualTo(last);
        makeRoom();
        get(log.close());
        log = open(disk.directory().resolve("log.db"));
        Page after = LogRecordContract.read(log, new Cursor.Earliest(), TICKER.name());
        assertThat(after.gaps()).isEqualTo(page.gaps());
        assertThat(after.messages()).isEqualTo(page.messages());
    }
}
