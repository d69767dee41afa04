package io.anabranch.config;

import java.util.List;

/** A configuration with which the hub does not start, with all that is wrong in it. */
public final class ConfigException extends RuntimeException {
    private final List<String> problems;

    /**
     * @param source the file, or what else is wrong as a whole
     * @param problems one line each: path, value, what was expected
     */
    public ConfigException(String source, List<String> problems) {
        super(source + ":\n  " + String.join("\n  ", problems));
        this.problems = List.copyOf(problems);
    }

    /** One line each: path, value, what was expected. */
    public List<String> problems() {
        return problems;
    }
}
