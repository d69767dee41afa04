package io.anabranch.testing;

import java.io.IOException;

/** A process that stands still until this is closed: SIGSTOP and SIGCONT, signal(7). */
public final class Pause implements AutoCloseable {
    private final long pid;

    Pause(ProcessHandle process) throws IOException, InterruptedException {
        pid = process.pid();
        signal("-STOP");
    }

    private void signal(String name) throws IOException, InterruptedException {
        int status = new ProcessBuilder("kill", name, Long.toString(pid)).start().waitFor();
        if (status != 0) {
            throw new IOException("kill " + name + " " + pid + ": " + status);
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        signal("-CONT");
    }
}
