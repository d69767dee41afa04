package io.anabranch.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The arguments of a hub that serves, where they are nothing but {@code --config} and {@code --set}
 * with their values, behind {@code serve} or without it. To read them needs no picocli, which takes
 * a third of a hub's start, since it starts Groovy too where that is in the jar; whatever else
 * there is, wrong usage too, is left to it.
 *
 * @param sets in their order
 */
record ServeArguments(Path config, List<String> sets) {
    static final String DEFAULT_CONFIG = "conf/anabranch.yaml";

    /** Empty where they are not as simple as that. */
    static Optional<ServeArguments> parse(String... args) {
        List<String> configs = new ArrayList<>();
        List<String> sets = new ArrayList<>();
        boolean named = args.length > 0 && args[0].equals("serve");
        for (int i = named ? 1 : 0; i < args.length; i++) {
            String[] parts = args[i].split("=", 2);
            if (parts.length == 1 && ++i == args.length) {
                return Optional.empty();
            }
            String value = parts.length == 1 ? args[i] : parts[1];
            boolean isConfig = parts[0].equals("--config");
            if (!isPlain(value) || !(isConfig || parts[0].equals("--set"))) {
                return Optional.empty();
            }
            (isConfig ? configs : sets).add(value);
        }
        if (configs.size() > 1) {
            return Optional.empty();
        }
        Path config = Path.of(configs.isEmpty() ? DEFAULT_CONFIG : configs.get(0));
        return Optional.of(new ServeArguments(config, sets));
    }

    /** What stands for itself: no option, no file of arguments, no quotes. */
    private static boolean isPlain(String value) {
        return !value.isEmpty() && "-@\"'".indexOf(value.charAt(0)) < 0;
    }
}
