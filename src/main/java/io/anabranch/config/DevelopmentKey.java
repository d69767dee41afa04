package io.anabranch.config;

import io.anabranch.auth.KeyOptions;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/** The generated HS256 key of development mode, kept in a file that its owner alone can read. */
final class DevelopmentKey {
    static final String FILE = "dev-key";
    private static final String ID = "dev";
    private static final int RANDOM_BYTES = 32;
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");

    private DevelopmentKey() {}

    /**
     * Reads the key, or makes it when there is none.
     *
     * @param directory made when it does not exist
     * @throws ConfigException when the file cannot be read or written, is open to others, or too
     *     short
     */
    static KeyOptions in(Path directory) {
        Path file = directory.resolve(FILE);
        try {
            if (!Files.exists(file)) {
                Files.createDirectories(directory);
                make(file);
            }
            requireOwnerOnly(file);
            String secret = Files.readString(file).strip();
            if (secret.length() < KeyOptions.MIN_SECRET_BYTES) {
                throw refused(
                        file, "is no key (expected: at least 32 bytes; delete it for a new one)");
            }
            return KeyOptions.hs256(ID, secret);
        } catch (IOException e) {
            throw refused(file, "cannot be read or made: " + e);
        }
    }

    private static void make(Path file) throws IOException {
        byte[] key = new byte[RANDOM_BYTES];
        new SecureRandom().nextBytes(key);
        String text = Base64.getUrlEncoder().withoutPadding().encodeToString(key) + "\n";
        Path whole =
                isPosix(file)
                        ? Files.createTempFile(file.getParent(), FILE, ".tmp", ownerOnly())
                        : Files.createTempFile(file.getParent(), FILE, ".tmp");
        try {
            Files.writeString(whole, text);
            Files.createLink(file, whole);
        } catch (FileAlreadyExistsException madeByAnotherProcess) {
            // It has a key in it: a link appears whole.
        } finally {
            Files.delete(whole);
        }
    }

    private static FileAttribute<Set<PosixFilePermission>> ownerOnly() {
        return PosixFilePermissions.asFileAttribute(OWNER_ONLY);
    }

    private static void requireOwnerOnly(Path file) throws IOException {
        if (isPosix(file) && !OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
            throw refused(file, "is open to others (expected: mode 600; chmod 600 " + file + ")");
        }
    }

    private static boolean isPosix(Path file) {
        return file.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    private static ConfigException refused(Path file, String why) {
        return new ConfigException("development: true", List.of(file + " " + why));
    }
}
