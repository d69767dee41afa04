package io.anabranch.cli;

import io.anabranch.auth.Grants;
import io.anabranch.auth.TokenIssuer;
import io.anabranch.config.Config;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** Which hub a client command talks to, and with which token. */
final class HubOptions {
    static final String TOKEN_VARIABLE = "ANABRANCH_TOKEN";
    private static final Duration OWN_TOKEN_TTL = Duration.ofHours(1);

    @Option(
            names = "--url",
            paramLabel = "URL",
            description = "The hub. Default: where the configuration makes it listen.")
    private @Nullable URI url;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description = {
                "Default: what the environment variable "
                        + TOKEN_VARIABLE
                        + " holds; without it,"
                        + " one signed with the configuration's HS256 key."
            })
    private @Nullable String token;

    /**
     * A hub and how to speak to it.
     *
     * @param base without a slash at the end
     * @param token asked before each request: a signed one is always fresh
     */
    record Hub(String base, Supplier<String> token) {}

    /** Reads the configuration only where it is needed: this machine may have none. */
    Hub resolve(Main main, CommandLine commandLine, Grants grants) {
        Optional<String> given =
                Optional.ofNullable(token).or(() -> main.environment(TOKEN_VARIABLE));
        if (url != null && given.isPresent()) {
            return new Hub(base(url, commandLine), given::get);
        }
        Config config = main.loadConfig();
        String base = url == null ? local(config.http(), commandLine) : base(url, commandLine);
        if (given.isPresent()) {
            return new Hub(base, given::get);
        }
        TokenIssuer issuer = new TokenIssuer(config.auth());
        return new Hub(base, () -> issuer.issue(null, grants, OWN_TOKEN_TTL));
    }

    private static String base(URI url, CommandLine commandLine) {
        String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        if (url.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
            throw new ParameterException(
                    commandLine,
                    "--url: \"" + url + "\" (expected: such as http://127.0.0.1:8080)");
        }
        return url.toString().replaceAll("/+$", "");
    }

    private static String local(Config.Http http, CommandLine commandLine) {
        if (http.port() == 0) {
            throw new ParameterException(
                    commandLine, "--url: missing (expected: one, as http.port is 0)");
        }
        return address(http, http.port());
    }

    /** Where this machine reaches a hub that listens on {@code port}. */
    static String address(Config.Http http, int port) {
        String host =
                switch (http.host()) {
                    case "0.0.0.0" -> "127.0.0.1";
                    case "::" -> "[::1]";
                    default -> http.host().contains(":") ? "[" + http.host() + "]" : http.host();
                };
        return (http.tls() == null ? "http://" : "https://") + host + ":" + port;
    }
}
