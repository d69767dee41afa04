package io.anabranch.config;

import io.anabranch.bridge.BridgeOptions;
import io.anabranch.mercure.MercureOptions;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Refusal;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads {@code protocols}. */
final class ProtocolsReader {
    private static final String MERCURE = "protocols.mercure.";
    private static final String BRIDGE = "protocols.eventBusBridge.";
    private static final Pattern PATH = Pattern.compile("(?:/[A-Za-z0-9._~-]+)+");
    private static final String ANONYMOUS = "auth.anonymous.subscribe";

    private final Settings settings;
    private final List<String> problems;

    ProtocolsReader(Settings settings, List<String> problems) {
        this.settings = settings;
        this.problems = problems;
    }

    Config.Protocols read() {
        return new Config.Protocols(
                settings.flag(MERCURE + "enabled") ? mercure() : null,
                settings.flag(BRIDGE + "enabled") ? bridge() : null);
    }

    private MercureOptions mercure() {
        requirePrivate();
        return new MercureOptions(
                patterns(MERCURE + "open"),
                settings.text(MERCURE + "cookie").orElseThrow(),
                settings.flag(MERCURE + "subscriptions"));
    }

    private BridgeOptions bridge() {
        String path = settings.text(BRIDGE + "path").orElseThrow();
        if (!PATH.matcher(path).matches()) {
            problems.add(
                    BRIDGE + "path: " + Refusal.shown(path) + " (expected: such as /eventbus)");
        }
        return new BridgeOptions(path);
    }

    /** What is published as private must not be everybody's by another way. */
    private void requirePrivate() {
        for (String pattern : settings.texts(ANONYMOUS)) {
            boolean opens =
                    pattern.startsWith(MercureOptions.PRIVATE)
                            || (pattern.endsWith("*")
                                    && MercureOptions.PRIVATE.startsWith(
                                            pattern.substring(0, pattern.length() - 1)));
            if (opens) {
                problems.add(
                        ANONYMOUS
                                + ": "
                                + Refusal.shown(pattern)
                                + " (expected: none that matches "
                                + MercureOptions.PRIVATE
                                + "*, where the private updates of protocols.mercure are)");
            }
        }
    }

    private List<ChannelPattern> patterns(String path) {
        return settings.texts(path).stream()
                .map(text -> pattern(path, text))
                .flatMap(Optional::stream)
                .toList();
    }

    private Optional<ChannelPattern> pattern(String path, String text) {
        try {
            return Optional.of(new ChannelPattern(text));
        } catch (Refusal e) {
            problems.add(path + ": " + e.explanation());
            return Optional.empty();
        }
    }
}
