package io.anabranch.mercure;

import com.google.re2j.Pattern;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Refusal;
import java.util.List;
import java.util.Optional;

/** A topic selector (Mercure, section "Topic Selectors"): {@code *}, a template, or a topic. */
final class Selector {
    private static final String ALL = "*";

    private final String text;
    private final Optional<Pattern> template;

    Selector(String text) {
        this.text = text;
        this.template = UriTemplate.parse(text);
    }

    String text() {
        return text;
    }

    /** Whether it is the name of one topic. */
    boolean isExact() {
        return !text.equals(ALL) && template.isEmpty();
    }

    /** Whether it selects a topic, or is the same as another selector. */
    boolean matches(String topic) {
        return text.equals(ALL)
                || text.equals(topic)
                || (template.isPresent() && template.get().matches(topic));
    }

    /**
     * Patterns of the channels on which all updates are that it selects; others may be there too.
     *
     * @throws Refusal {@code bad_request} for what is too long for a channel
     */
    List<ChannelPattern> patterns() {
        if (isExact()) {
            return List.of(
                    ChannelPattern.of(Topics.channel(text, false)),
                    ChannelPattern.of(Topics.channel(text, true)));
        }
        String beginning = template.isEmpty() ? "" : text.substring(0, text.indexOf('{'));
        if (beginning.isEmpty()) {
            return List.of(new ChannelPattern("*"));
        }
        return List.of(
                new ChannelPattern(Topics.channel(beginning, false) + "*"),
                new ChannelPattern(Topics.channel(beginning, true) + "*"));
    }
}
