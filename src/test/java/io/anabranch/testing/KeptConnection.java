package io.anabranch.testing;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A connection over HTTP/1.1 that stays, and sends what it is told to byte for byte. */
public final class KeptConnection implements AutoCloseable {
    private final Socket socket;
    private final InputStream in;

    public KeptConnection(TestHub hub) throws IOException {
        socket = new Socket("127.0.0.1", hub.port());
        socket.setSoTimeout(10_000);
        in = new BufferedInputStream(socket.getInputStream());
    }

    /** Sends all of it at once. */
    public void send(String bytes) throws IOException {
        byte[] all = bytes.getBytes(StandardCharsets.UTF_8);
        send(all, 0, all.length);
    }

    /** Sends the bytes from {@code start} to {@code end} at once. */
    public void send(byte[] bytes, int start, int end) throws IOException {
        socket.getOutputStream().write(bytes, start, end - start);
    }

    /** The next answer, which says how long its body is. */
    public Raw.Answer answer() throws IOException {
        String status = line();
        List<String> head = new ArrayList<>();
        int length = 0;
        for (String line = line(); !line.isEmpty(); line = line()) {
            head.add(line.toLowerCase(Locale.ROOT));
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length: ")) {
                length = Integer.parseInt(line.substring(16));
            }
        }
        String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
        return new Raw.Answer(Integer.parseInt(status.substring(9, 12)), head, body);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("the hub closed the connection after: " + line);
            }
            line.append((char) c);
        }
        return line.toString().stripTrailing();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
