package io.anabranch.bench;

import io.anabranch.message.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** The hub's process on this machine, by what {@code /proc} tells of it (Linux). */
final class HubProcess {
    private final ProcessHandle process;

    /**
     * @throws Refusal {@code bad_request} when there is no such process
     */
    HubProcess(long pid) {
        process =
                ProcessHandle.of(pid)
                        .filter(found -> found.info().totalCpuDuration().isPresent())
                        .orElseThrow(
                                () ->
                                        Refusal.badValue(
                                                "--pid", pid, "a running process of this machine"));
    }

    /** User and system time since it started, in µs. */
    long cpuMicros() {
        return process.info().totalCpuDuration().orElse(Duration.ZERO).toNanos() / 1_000;
    }

    /** Resident memory in bytes; 0 where the system does not tell. */
    long residentBytes() {
        try {
            return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status"))
                    .stream()
                    .filter(line -> line.startsWith("VmRSS:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")) * 1024)
                    .findFirst()
                    .orElse(0);
        } catch (IOException notLinux) {
            return 0;
        }
    }
}
