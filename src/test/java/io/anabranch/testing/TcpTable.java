package io.anabranch.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The kernel's table of TCP connections (proc(5)). */
public final class TcpTable {
    private TcpTable() {}

    /** How many established connections a local port has with another one. */
    public static long established(int port, int otherPort) throws IOException {
        return count(":%04X \\w+:%04X 01 ".formatted(port, otherPort));
    }

    /**
     * How many established connections a process has accepted on a port; those that wait for that
     * have no inode yet.
     */
    public static long accepted(int port) throws IOException {
        return count("^ *\\d+: \\w+:%04X \\w+:\\w+ 01 (\\S+ +){5}[1-9]".formatted(port));
    }

    private static long count(String line) throws IOException {
        Pattern pattern = Pattern.compile(line);
        long count = 0;
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            count +=
                    Files.readAllLines(Path.of(table)).stream()
                            .filter(pattern.asPredicate())
                            .count();
        }
        return count;
    }
}
