package io.anabranch.polyglot;

import java.util.Optional;

/** The languages that a file's ending tells. */
enum ScriptLanguage {
    JAVASCRIPT(
            "JavaScript",
            "js",
            "com/oracle/truffle/js/lang/JavaScriptLanguage.class",
            "anabranch-javascript.jar"),
    GROOVY("Groovy", "groovy", "groovy/lang/GroovyShell.class", "anabranch.jar"),
    PYTHON(
            "Python",
            "py",
            "com/oracle/graal/python/PythonLanguage.class",
            "anabranch-javascript.jar and anabranch-python.jar");

    private final String label;
    private final String suffix;
    private final String mark;
    private final String archives;

    /**
     * @param mark a class that is there when the language is
     * @param archives where it is to be had
     */
    ScriptLanguage(String label, String suffix, String mark, String archives) {
        this.label = label;
        this.suffix = suffix;
        this.mark = mark;
        this.archives = archives;
    }

    /** The language of a verticle's name; empty for Java. */
    static Optional<ScriptLanguage> of(String verticle) {
        for (ScriptLanguage language : values()) {
            if (verticle.endsWith("." + language.suffix)) {
                return Optional.of(language);
            }
        }
        return Optional.empty();
    }

    String label() {
        return label;
    }

    /** The ending of its files, without the dot. */
    String suffix() {
        return suffix;
    }

    /** Whether the class path has it. */
    boolean isInstalled(ClassLoader classes) {
        return classes.getResource(mark) != null;
    }

    /**
     * Makes a script of a file, without running it. Blocks; the first one of a language for a
     * second or more.
     *
     * @throws ScriptFailure where the language is not installed, or the text is none of it
     */
    Script load(ScriptSource source, ScriptHost host, VerticleOptions.Limits limits) {
        if (!isInstalled(ScriptLanguage.class.getClassLoader())) {
            throw new ScriptFailure(
                    source.name()
                            + ": "
                            + label
                            + " is not installed (expected: "
                            + archives
                            + " on the class path)",
                    true);
        }
        return switch (this) {
            case JAVASCRIPT -> new JavaScript(source, host, limits);
            case GROOVY -> new GroovyScript(source, host);
            case PYTHON -> new PythonScript(source, host, limits);
        };
    }
}
