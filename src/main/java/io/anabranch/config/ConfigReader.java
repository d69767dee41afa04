package io.anabranch.config;

import static io.anabranch.config.SchemaCheck.wrong;

import io.anabranch.auth.KeyOptions;
import io.anabranch.config.Config.ChannelRule;
import io.anabranch.hub.Hooks;
import io.anabranch.log.Retention;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Refusal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes the records from the settings, and checks what one key alone cannot show. */
final class ConfigReader {
    /** What a frame may have beside a message's data: the other fields, or a token. */
    private static final int FRAME_ROOM = 16 << 10;

    /** Less has no room for the tables themselves and a few messages. */
    private static final long MIN_LOG_BYTES = 1 << 20;

    private final Settings settings;
    private final List<String> problems;

    ConfigReader(Settings settings, List<String> problems) {
        this.settings = settings;
        this.problems = problems;
    }

    /**
     * Reads everything, so that every problem is found.
     *
     * @param hasLogin whether there may be no keys, as others say who somebody is
     * @param developmentKey makes or reads the generated key; asked only where it is needed
     */
    Config read(boolean hasLogin, Supplier<KeyOptions> developmentKey) {
        boolean development = settings.flag("development");
        return new Config(
                http(development),
                new Config.Management(
                        settings.text("management.host").orElseThrow(),
                        settings.integer("management.port")),
                new AuthReader(settings, problems, this::file)
                        .read(hasLogin, development, developmentKey),
                log(),
                channels(),
                limits(),
                new Config.Services(settings.milliseconds("services.timeout")),
                new ProtocolsReader(settings, problems).read(),
                new Config.Logging(settings.text("logging.format").orElseThrow().equals("json")),
                new VerticlesReader(settings, problems).read(),
                development);
    }

    private Config.Http http(boolean development) {
        String host = settings.text("http.host").orElseThrow();
        if (development && !Loopback.isHost(host)) {
            problems.add(
                    wrong(
                            "http.host",
                            Refusal.shown(host),
                            "127.0.0.1, ::1 or localhost, as development is true: its pages and"
                                    + " its key are for this machine alone"));
        }
        return new Config.Http(
                host,
                settings.integer("http.port"),
                settings.texts("http.origins"),
                settings.texts("http.trustedProxies"),
                tls("http.tls"),
                (int) settings.milliseconds("http.heartbeat"),
                (int) settings.milliseconds("http.batchInterval"),
                (int) settings.milliseconds("http.drain"),
                settings.integer("http.eventLoops"),
                settings.text("http.transport").orElseThrow(),
                settings.flag("http.permessageDeflate"));
    }

    private Config.@Nullable Tls tls(String section) {
        Path cert = file(section + ".cert");
        Path key = file(section + ".key");
        if (cert == null && key == null) {
            if (settings.flag("http.tls.http3")) {
                problems.add(wrong("http.tls.http3", "true", "false, as http.tls.cert is not set"));
            }
            return null;
        }
        if (cert == null || key == null) {
            String missing = section + (cert == null ? ".cert" : ".key");
            problems.add(missing + ": not set (expected: a PEM file, as the other one is set)");
            return null;
        }
        if (settings.flag("http.tls.http3") && settings.integer("http.port") == 0) {
            problems.add(
                    wrong(
                            "http.port",
                            "0",
                            "a port, as HTTP/3 needs the same one for TCP and UDP"));
        }
        return new Config.Tls(
                cert,
                key,
                (int) settings.milliseconds("http.tls.reload"),
                settings.flag("http.tls.http3"));
    }

    private @Nullable Path file(String path, Object... place) {
        return readable("a PEM file", path, place);
    }

    private @Nullable Path readable(String what, String path, Object... place) {
        Optional<Path> file = settings.text(path, place).map(Path::of);
        if (file.isPresent() && !Files.isReadable(file.get())) {
            problems.add(
                    wrong(
                            Settings.at(path, place),
                            Refusal.shown(file.get()),
                            what
                                    + " that can be read, from the directory that the hub is"
                                    + " started in"));
        }
        return file.orElse(null);
    }

    private Config.LogStore log() {
        long maxBytes = settings.space("log.maxSize");
        if (maxBytes > 0 && maxBytes < MIN_LOG_BYTES) {
            problems.add(
                    wrong(
                            "log.maxSize",
                            Long.toString(maxBytes),
                            "0 for no limit, or at least 1MiB"));
        }
        String type = settings.text("log.type").orElseThrow();
        return new Config.LogStore(
                type,
                Path.of(settings.text("log.path").orElseThrow()),
                settings.milliseconds("log.dedupWindow"),
                maxBytes,
                type.equals("nats") ? nats() : null);
    }

    private Config.Nats nats() {
        List<String> servers = settings.texts("log.servers");
        if (servers.isEmpty()) {
            problems.add(wrong("log.servers", "[]", "an address such as nats://127.0.0.1:4222"));
        }
        return new Config.Nats(
                servers,
                readable("a .creds file", "log.credentials"),
                file("log.tls.ca"),
                tls("log.tls"),
                settings.text("log.stream").orElseThrow(),
                settings.integer("log.replicas"),
                settings.text("log.follow").orElseThrow().equals("interest"));
    }

    private List<ChannelRule> channels() {
        List<ChannelRule> rules = new ArrayList<>();
        for (String name : settings.names("channels")) {
            readPattern(name).ifPresent(pattern -> addRule(rules, rule(pattern)));
        }
        ChannelPattern all = new ChannelPattern("*");
        if (rules.stream().noneMatch(rule -> rule.pattern().covers(all))) {
            rules.add(rule(all));
        }
        return rules;
    }

    /** Empty for what {@link SchemaCheck} has complained of. */
    private static Optional<ChannelPattern> readPattern(String name) {
        try {
            return Optional.of(new ChannelPattern(name));
        } catch (Refusal e) {
            return Optional.empty();
        }
    }

    private void addRule(List<ChannelRule> rules, ChannelRule rule) {
        for (ChannelRule earlier : rules) {
            if (earlier.pattern().covers(rule.pattern())) {
                problems.add(
                        Settings.at("channels.*", rule.pattern().text())
                                + ": never used, as \""
                                + earlier.pattern()
                                + "\" stands before it (expected: the narrower pattern first)");
            }
        }
        rules.add(rule);
    }

    private ChannelRule rule(ChannelPattern pattern) {
        String name = pattern.text();
        Retention retention =
                new Retention(
                        settings.integer("channels.*.history.messages", name),
                        settings.milliseconds("channels.*.history.age", name),
                        settings.flag("channels.*.durable", name));
        Hooks.Hook before =
                settings.text("channels.*.before", name)
                        .map(address -> new Hooks.Hook(address, beforeTimeout(name)))
                        .orElse(null);
        return new ChannelRule(
                pattern, retention, settings.flag("channels.*.presence", name), before);
    }

    private long beforeTimeout(String name) {
        return settings.milliseconds("channels.*.beforeTimeout", name);
    }

    private Config.Limits limits() {
        int message = settings.integer("limits.message");
        int frame = (Integer) settings.find("limits.frame").orElse(message + FRAME_ROOM);
        if (frame <= message) {
            problems.add(
                    wrong(
                            "limits.frame",
                            Integer.toString(frame),
                            "more than limits.message, " + message));
        }
        int publishPerSecond = settings.integer("limits.publishPerSecond");
        return new Config.Limits(
                message,
                frame,
                settings.integer("limits.url"),
                settings.integer("limits.headers"),
                settings.integer("limits.connections"),
                settings.integer("limits.connectionsPerUser"),
                settings.integer("limits.connectionsPerAddress"),
                settings.integer("limits.channelsPerConnection"),
                publishPerSecond,
                (Integer)
                        settings.find("limits.publishPerSecondPerConnection")
                                .orElse(publishPerSecond),
                settings.integer("limits.batchItems"),
                settings.integer("limits.historyPage"),
                settings.milliseconds("limits.headersTime"),
                settings.milliseconds("limits.bodyTime"),
                settings.milliseconds("limits.idleTime"));
    }
}
