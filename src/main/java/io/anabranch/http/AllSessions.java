package io.anabranch.http;

import io.anabranch.cluster.Peers;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.vertx.core.Future;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The open connections of all hubs that share the log: this one's, and what the others answer. Safe
 * for use by any thread; futures complete on any. They fail with {@code unavailable} when another
 * hub does not answer.
 */
final class AllSessions {
    private static final String LIST = "sessions";
    private static final String END = "disconnect";
    private static final String SUBSCRIBERS = "subscribers";

    private final LiveSessions here;
    private final Peers peers;

    /** Answers the other hubs from now on. */
    AllSessions(LiveSessions here, Peers peers) {
        this.here = here;
        this.peers = peers;
        peers.answer(LIST, this::answerList);
        peers.answer(END, this::answerEnd);
        peers.answer(SUBSCRIBERS, this::answerSubscribers);
    }

    /** Those of this hub. */
    LiveSessions here() {
        return here;
    }

    /**
     * Which are meant.
     *
     * @param user those of this one; null for any
     * @param session the one of this id; null for any
     * @param behind only those that are not at the log's head
     */
    record Which(@Nullable String user, @Nullable String session, boolean behind) {
        private static Which of(JsonObject json) {
            return new Which(
                    json.getString("user"), json.getString("session"), json.getBoolean("behind"));
        }

        private JsonObject toJson() {
            return new JsonObject().put("user", user).put("session", session).put("behind", behind);
        }

        private Predicate<Session> predicate() {
            return it ->
                    (user == null || user.equals(it.principal().user()))
                            && (session == null || session.equals(it.id()))
                            && (!behind || it.state().behind());
        }
    }

    /**
     * One of a list.
     *
     * @param number its place in the order in which connections were opened
     * @param json as it is shown
     */
    record Item(long number, JsonObject json) {}

    /**
     * Some of the connections, and how many there are.
     *
     * @param first in the order in which they were opened
     * @param count all that match
     */
    record Part(List<Item> first, int count) {}

    /**
     * Those that match and were opened after the one of this number, in that order. Those that two
     * hubs opened at the same µs are not parted, so there may be a few more than {@code limit}.
     */
    Future<Part> list(Which which, long after, int limit) {
        JsonObject question = which.toJson().put("after", after).put("limit", limit);
        return both(listHere(which, after, limit), LIST, question)
                .map(
                        answers -> {
                            int count = 0;
                            List<Item> all = new ArrayList<>();
                            for (List<JsonObject> answer : answers) {
                                count += answer.get(0).getInteger("count");
                                answer.stream().skip(1).map(AllSessions::item).forEach(all::add);
                            }
                            return new Part(first(all, limit), count);
                        });
    }

    private static List<Item> first(List<Item> all, int limit) {
        all.sort(Comparator.comparingLong(Item::number));
        int end = Math.min(limit, all.size());
        while (end > 0 && end < all.size() && all.get(end).number() == all.get(end - 1).number()) {
            end++;
        }
        return all.subList(0, end);
    }

    private Future<List<JsonObject>> answerList(JsonObject question) {
        return listHere(
                Which.of(question), question.getLong("after"), question.getInteger("limit"));
    }

    private Future<List<JsonObject>> listHere(Which which, long after, int limit) {
        return here.list(which.predicate(), after, limit)
                .map(
                        part ->
                                Stream.concat(
                                                Stream.of(
                                                        new JsonObject()
                                                                .put("count", part.count())),
                                                part.first().stream().map(AllSessions::toJson))
                                        .toList());
    }

    private static JsonObject toJson(SessionEntry entry) {
        return new JsonObject().put("number", entry.number()).put("session", entry.toJson());
    }

    private static Item item(JsonObject json) {
        return new Item(json.getLong("number"), json.getJsonObject("session"));
    }

    /** Ends those that match, as an administrator's doing, and gives how many they are. */
    Future<Integer> disconnect(Which which) {
        return both(answerEnd(which.toJson()), END, which.toJson())
                .map(
                        answers ->
                                answers.stream()
                                        .mapToInt(answer -> answer.get(0).getInteger("ended"))
                                        .sum());
    }

    private Future<List<JsonObject>> answerEnd(JsonObject question) {
        return here.end(Which.of(question).predicate(), Closing.DISCONNECTED)
                .map(ended -> List.of(new JsonObject().put("ended", ended)));
    }

    /** How many subscriptions match each of these channels. */
    Future<List<Integer>> subscribers(List<String> channels) {
        JsonObject question = new JsonObject().put("channels", new JsonArray(channels));
        return both(answerSubscribers(question), SUBSCRIBERS, question)
                .map(
                        answers -> {
                            int[] sum = new int[channels.size()];
                            for (List<JsonObject> answer : answers) {
                                JsonArray counts = answer.get(0).getJsonArray("counts");
                                for (int i = 0; i < sum.length; i++) {
                                    sum[i] += counts.getInteger(i);
                                }
                            }
                            return Arrays.stream(sum).boxed().toList();
                        });
    }

    private Future<List<JsonObject>> answerSubscribers(JsonObject question) {
        return here.subscriptions()
                .map(
                        subscriptions -> {
                            JsonArray counts = new JsonArray();
                            question.getJsonArray("channels")
                                    .forEach(it -> counts.add(count(subscriptions, (String) it)));
                            return List.of(new JsonObject().put("counts", counts));
                        });
    }

    /** By each pattern that could match: there may be many, but not many that begin a name. */
    private static int count(Map<ChannelPattern, Integer> subscriptions, String channel) {
        int count = subscriptions.getOrDefault(new ChannelPattern(channel), 0);
        int longest = Math.min(channel.length(), Channel.MAX_LENGTH - 1);
        for (int length = 0; length <= longest; length++) {
            var pattern = new ChannelPattern(channel.substring(0, length) + "*");
            count += subscriptions.getOrDefault(pattern, 0);
        }
        return count;
    }

    /** What this hub answers, and what the others do. */
    private Future<List<List<JsonObject>>> both(
            Future<List<JsonObject>> here, String topic, JsonObject question) {
        Future<List<List<JsonObject>>> elsewhere = peers.askAll(topic, question);
        return here.compose(
                own ->
                        elsewhere.map(
                                others ->
                                        Stream.concat(Stream.of(own), others.stream())
                                                .filter(answer -> !answer.isEmpty())
                                                .toList()));
    }
}
