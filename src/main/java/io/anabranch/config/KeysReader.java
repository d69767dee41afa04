package io.anabranch.config;

import io.anabranch.auth.Algorithm;
import io.anabranch.auth.KeyOptions;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code auth.keys}. */
final class KeysReader {
    private static final String HOW_TO_MAKE_ONE =
            "auth.keys: none (expected: at least one, such as {id: main, algorithm: HS256, secret:"
                    + " \"…\"} with a secret made by: openssl rand -base64 32; or auth.jwks.url; or development: true)";

    private final Settings settings;
    private final List<String> problems;
    private final FileReader files;

    KeysReader(Settings settings, List<String> problems, FileReader files) {
        this.settings = settings;
        this.problems = problems;
        this.files = files;
    }

    /** Finds the file that a key of the configuration names; null when it names none. */
    interface FileReader {
        @Nullable Path file(String path, Object... place);
    }

    /**
     * The keys; in development those without a secret are left out.
     *
     * @param hasOthers whether there may be none, as keys come from elsewhere too
     */
    List<KeyOptions> read(boolean development, boolean hasOthers) {
        List<KeyOptions> keys = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        int count = settings.size("auth", "keys");
        for (int i = 0; i < count; i++) {
            Optional<String> id = required("id", i);
            Optional<String> algorithm = required("algorithm", i);
            if (id.isPresent() && !ids.add(id.get())) {
                problems.add(path("id", i) + ": \"" + id.get() + "\" (expected: no repeat)");
            }
            if (id.isPresent() && algorithm.isPresent()) {
                Algorithm known = Algorithm.ofLabel(algorithm.get()).orElseThrow();
                key(id.get(), known, i, development).ifPresent(keys::add);
            }
        }
        if (count == 0 && !development && !hasOthers) {
            problems.add(HOW_TO_MAKE_ONE);
        }
        return keys;
    }

    private Optional<KeyOptions> key(String id, Algorithm algorithm, int i, boolean development) {
        if (algorithm.isSymmetric()) {
            refuse("publicKey", i, "no publicKey: HS256 has a secret");
            Optional<String> secret = settings.text("auth.keys[].secret", i);
            if (secret.isEmpty() && !development) {
                required("secret", i);
            }
            return secret.map(text -> KeyOptions.hs256(id, text));
        }
        refuse("secret", i, "no secret: " + algorithm.label() + " has a publicKey");
        Optional<String> named = required("publicKey", i);
        return named.map(name -> files.file("auth.keys[].publicKey", i))
                .map(file -> KeyOptions.ofPublicKey(id, algorithm, file));
    }

    private Optional<String> required(String name, int i) {
        Optional<String> value = settings.text("auth.keys[]." + name, i);
        if (value.isEmpty() && !settings.isWritten("auth", "keys", i, name)) {
            String expected = Schema.key("auth.keys[]." + name).type().expected();
            problems.add(path(name, i) + ": not set (expected: " + expected + ")");
        }
        return value;
    }

    private void refuse(String name, int i, String expected) {
        if (settings.isWritten("auth", "keys", i, name)) {
            problems.add(path(name, i) + ": set (expected: " + expected + ")");
        }
    }

    private static KeyPath path(String name, int i) {
        return Settings.at("auth.keys[]." + name, i);
    }
}
