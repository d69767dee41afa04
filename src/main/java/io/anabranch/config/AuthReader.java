package io.anabranch.config;

import io.anabranch.auth.AuthOptions;
import io.anabranch.auth.Grants;
import io.anabranch.auth.JwksOptions;
import io.anabranch.auth.KeyOptions;
import io.anabranch.auth.TokenRules;
import java.net.URI;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Reads {@code auth}. */
final class AuthReader {
    private final Settings settings;
    private final List<String> problems;
    private final KeysReader keysReader;

    AuthReader(Settings settings, List<String> problems, KeysReader.FileReader files) {
        this.settings = settings;
        this.problems = problems;
        this.keysReader = new KeysReader(settings, problems, files);
    }

    /**
     * @param hasLogin whether there may be no keys, as others say who somebody is
     * @param developmentKey makes or reads the generated key; asked only where it is needed
     */
    AuthOptions read(boolean hasLogin, boolean development, Supplier<KeyOptions> developmentKey) {
        JwksOptions jwks = jwks();
        List<KeyOptions> keys = keysReader.read(development, hasLogin || jwks != null);
        if (keys.isEmpty() && development && problems.isEmpty()) {
            keys = List.of(developmentKey.get());
        }
        return new AuthOptions(
                keys,
                jwks,
                new TokenRules(
                        settings.text("auth.issuer").orElse(null),
                        settings.text("auth.audience").orElse(null),
                        settings.text("auth.tokenType").orElse(null),
                        settings.milliseconds("auth.leeway"),
                        settings.milliseconds("auth.maxTokenLife")),
                settings.text("auth.cookie").orElse(null),
                anonymous());
    }

    private @Nullable JwksOptions jwks() {
        return settings.text("auth.jwks.url")
                .map(
                        url ->
                                new JwksOptions(
                                        URI.create(url),
                                        settings.milliseconds("auth.jwks.refresh"),
                                        JwksOptions.DEFAULT_PAUSE_MS))
                .orElse(null);
    }

    private Grants anonymous() {
        return new Grants(
                settings.texts("auth.anonymous.subscribe"),
                settings.texts("auth.anonymous.publish"),
                settings.texts("auth.anonymous.presence"),
                settings.texts("auth.anonymous.call"),
                false);
    }
}
