package io.anabranch.polyglot;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A script's text.
 *
 * @param name as it was configured; errors name it
 */
record ScriptSource(String name, String text) {

    /** Reads a file, or where there is none what the class path has under that name. Blocks. */
    static ScriptSource read(String name, ClassLoader classes) throws IOException {
        Path file = Path.of(name);
        if (Files.exists(file)) {
            return new ScriptSource(name, Files.readString(file));
        }
        try (InputStream resource = classes.getResourceAsStream(name)) {
            if (resource == null) {
                throw new FileNotFoundException(name + ": no such file");
            }
            return new ScriptSource(
                    name, new String(resource.readAllBytes(), StandardCharsets.UTF_8));
        }
    }
}
