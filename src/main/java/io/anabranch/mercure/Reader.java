package io.anabranch.mercure;

import io.anabranch.auth.Principal;
import io.anabranch.message.Channel;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Message;
import io.anabranch.message.Refusal;
import io.anabranch.message.Refusal.Reason;
import io.anabranch.stream.Update;
import io.anabranch.stream.View;
import java.util.List;
import java.util.function.Predicate;

/**
 * What one subscriber sees: the updates that it selected, as far as it may have them, each once
 * although one with several topics is stored once for each. For its event loop alone.
 */
final class Reader implements View {
    private final List<Selector> selectors;
    private final Principal principal;
    private final Claim claim;
    private final List<ChannelPattern> open;
    private final LatestUpdate updates;

    /**
     * @param open whose public updates everybody with a token may have
     */
    Reader(
            List<Selector> selectors,
            Principal principal,
            Claim claim,
            List<ChannelPattern> open,
            LatestUpdate updates) {
        this.selectors = List.copyOf(selectors);
        this.principal = principal;
        this.claim = claim;
        this.open = open;
        this.updates = updates;
    }

    List<Selector> selectors() {
        return selectors;
    }

    List<ChannelPattern> patterns() {
        return selectors.stream()
                .flatMap(selector -> selector.patterns().stream())
                .distinct()
                .toList();
    }

    /**
     * Refuses a topic of which this reader could get nothing. Whoever has a claim may get a private
     * update by another one of its topics.
     *
     * @throws Refusal {@code unauthorized} without a token, {@code forbidden} with one
     */
    void requireReadable() {
        List<String> missing =
                selectors.stream()
                        .filter(Selector::isExact)
                        .map(Selector::text)
                        .filter(topic -> claim.subscribe().isEmpty() && !mayHavePublic(topic))
                        .toList();
        if (!missing.isEmpty()) {
            String text =
                    "no subscribe permission for "
                            + String.join(", ", missing)
                            + " (expected: the token's claim mercure.subscribe or"
                            + " anabranch.subscribe, auth.anonymous.subscribe, or"
                            + " protocols.mercure.open)";
            throw new Refusal(
                    principal.isAnonymous() ? Reason.UNAUTHORIZED : Reason.FORBIDDEN,
                    text,
                    missing);
        }
    }

    @Override
    public boolean shows(Message message) {
        Channel channel = message.channel();
        Update update = updates.of(message);
        if (update.topics().isEmpty()) {
            return shows(channel);
        }
        boolean isPrivate = Topics.isPrivate(channel);
        if (isPrivate && update.topics().stream().noneMatch(claim::maySubscribe)) {
            return false;
        }
        Predicate<String> mayHave = isPrivate ? topic -> true : this::mayHavePublic;
        return update.topics().stream()
                .filter(topic -> Topics.isTopic(topic) && selects(topic) && mayHave.test(topic))
                .findFirst()
                .filter(Topics.topic(channel)::equals)
                .isPresent();
    }

    @Override
    public boolean shows(Channel channel) {
        String topic = Topics.topic(channel);
        return selects(topic)
                && (Topics.isPrivate(channel) ? claim.maySubscribe(topic) : mayHavePublic(topic));
    }

    private boolean selects(String topic) {
        return selectors.stream().anyMatch(selector -> selector.matches(topic));
    }

    private boolean mayHavePublic(String topic) {
        Channel channel = Topics.channel(topic, false);
        return principal.permissions().maySubscribe(ChannelPattern.of(channel))
                || claim.maySubscribe(topic)
                || (!principal.isAnonymous()
                        && open.stream().anyMatch(pattern -> pattern.matches(channel)));
    }
}
