package io.anabranch.mercure;

import io.anabranch.message.JsonValue;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.anabranch.stream.Update;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a publisher sends (Mercure, section "Publication"), as a form (WHATWG URL §5.1).
 *
 * @param topics the canonical one first
 * @param isPrivate whether only those get it whose claim says so
 * @param type the event's; null for the default
 */
record UpdateForm(
        List<String> topics,
        boolean isPrivate,
        @Nullable String type,
        Optional<String> id,
        Optional<Long> retryMs,
        JsonValue data) {
    private static final int MAX_PARAMETERS = 1_024;
    private static final long MAX_RETRY_MS = 86_400_000;

    UpdateForm {
        topics = List.copyOf(topics);
    }

    /**
     * @throws Refusal {@code bad_request} for what is out of the grammar; {@code forbidden} for the
     *     hub's own topics
     */
    static UpdateForm parse(Buffer body, int maxTopics) {
        Map<String, List<String>> form = parameters(body);
        List<String> topics = form.getOrDefault("topic", List.of()).stream().distinct().toList();
        if (topics.isEmpty() || topics.size() > maxTopics) {
            throw Refusal.badValue("topic", topics.size() + " of them", "1 to " + maxTopics);
        }
        for (String topic : topics) {
            if (topic.startsWith(SubscriptionList.PATH)) {
                throw new Refusal(
                        Reason.FORBIDDEN,
                        "topic: " + Refusal.shown(topic) + " (expected: none of the hub's own)");
            }
        }
        return new UpdateForm(
                topics,
                form.containsKey("private"),
                first(form, "type").orElse(null),
                first(form, "id").filter(id -> !id.isEmpty()).map(UpdateForm::checkedId),
                first(form, "retry").filter(ms -> !ms.isEmpty()).map(UpdateForm::milliseconds),
                JsonValue.ofText(first(form, "data").orElse("")));
    }

    private static Map<String, List<String>> parameters(Buffer body) {
        try {
            String text = body.toString(StandardCharsets.UTF_8);
            return new QueryStringDecoder(text, StandardCharsets.UTF_8, false, MAX_PARAMETERS, true)
                    .parameters();
        } catch (IllegalArgumentException e) {
            throw Refusal.badRequest("body: malformed (expected: a form in percent-encoded UTF-8)");
        }
    }

    private static Optional<String> first(Map<String, List<String>> form, String name) {
        return form.getOrDefault(name, List.of()).stream().findFirst();
    }

    private static String checkedId(String id) {
        if (!Update.isId(id)) {
            throw Refusal.badValue(
                    "id",
                    id,
                    "at most 255 characters, no control characters, not # at the beginning");
        }
        return id;
    }

    private static long milliseconds(String retry) {
        try {
            long ms = Long.parseLong(retry);
            if (ms >= 0 && ms <= MAX_RETRY_MS) {
                return ms;
            }
        } catch (NumberFormatException notANumber) {
            // As one that is out of range.
        }
        throw Refusal.badValue("retry", retry, "0 to " + MAX_RETRY_MS + ", in ms");
    }

    /**
     * What is stored. One with several topics needs a name, since each of its copies has a place of
     * its own in the log.
     */
    Update update() {
        boolean isSeveral = topics.size() > 1;
        return new Update(
                isSeveral ? topics : List.of(),
                isSeveral ? id.or(() -> Optional.of("urn:uuid:" + UUID.randomUUID())) : id,
                retryMs,
                data);
    }
}
