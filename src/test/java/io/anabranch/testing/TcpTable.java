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
        Pattern pair = Pattern.compile(":%04X \\w+:%04X 01 ".formatted(port, otherPort));
        long count = 0;
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            count += Files.readAllLines(Path.of(table)).stream().filter(pair.asPredicate()).count();
        }
        return count;
    }
}
