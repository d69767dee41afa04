package io.anabranch.config;

import io.anabranch.message.Refusal;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;

/** Reads a configuration file (YAML) and holds it against {@link Schema}. */
public final class ConfigLoader {
    /** Where the hub keeps what it makes, from the directory that it is started in. */
    private static final Path DATA = Path.of("data");

    private ConfigLoader() {}

    /**
     * Reads the file and puts the values of {@code sets} over it. Blocks: for the start of a
     * program, not for an event loop. In development mode without a key it makes one, in {@code
     * data/dev-key}.
     *
     * @param sets {@code path=value} each, later ones over earlier ones
     * @throws ConfigException with everything that is wrong
     */
    public static Config load(Path file, List<String> sets) {
        return load(file, sets, DATA);
    }

    static Config load(Path file, List<String> sets, Path data) {
        JsonObject written = read(file);
        List<String> problems = new ArrayList<>();
        for (String set : sets) {
            Optional<Assignment> assignment = Assignment.parse(set, problems);
            assignment.ifPresent(valid -> valid.applyTo(written, problems));
        }
        Settings settings = SchemaCheck.check(written, problems);
        Config config =
                new ConfigReader(settings, problems).read(false, () -> DevelopmentKey.in(data));
        if (!problems.isEmpty()) {
            throw new ConfigException(file.toString(), problems);
        }
        return config;
    }

    static JsonObject read(Path file) {
        try {
            Object root = Yaml.read(Files.readString(file));
            if (root == null) {
                return new JsonObject();
            }
            if (root instanceof JsonObject sections) {
                return sections;
            }
            throw refused(
                    file, Refusal.shown(root) + " (expected: sections such as http: {port: 8080})");
        } catch (MarkedYAMLException e) {
            throw refused(file, "no YAML: " + String.valueOf(e.getProblem()) + at(e));
        } catch (YAMLException e) {
            throw refused(file, "no YAML: " + firstLine(e));
        } catch (NoSuchFileException e) {
            throw refused(file, "no such file (another one: --config FILE)");
        } catch (CharacterCodingException e) {
            throw refused(file, "not UTF-8 (expected: YAML in UTF-8)");
        } catch (IOException e) {
            throw refused(file, "cannot be read: " + firstLine(e));
        }
    }

    private static String at(MarkedYAMLException e) {
        return e.getProblemMark() == null
                ? ""
                : " in line "
                        + (e.getProblemMark().getLine() + 1)
                        + ", column "
                        + (e.getProblemMark().getColumn() + 1);
    }

    private static String firstLine(Throwable e) {
        return e.toString().lines().findFirst().orElse("");
    }

    private static ConfigException refused(Path file, String problem) {
        return new ConfigException(file.toString(), List.of(problem));
    }
}
