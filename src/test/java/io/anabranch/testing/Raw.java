package io.anabranch.testing;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;

/** A request byte for byte, as no client would send it. */
public final class Raw {
    /**
     * @param head in lower case, without the status line
     */
    public record Answer(int status, List<String> head, String body) {
        public List<String> header(String name) {
            String start = name.toLowerCase(Locale.ROOT) + ": ";
            return head.stream()
                    .filter(line -> line.startsWith(start))
                    .map(line -> line.substring(start.length()))
                    .toList();
        }
    }

    private Raw() {}

    /** Sends a request without a body, with these header lines; the hub closes the connection. */
    public static Answer send(TestHub hub, String method, String path, String... headers)
            throws IOException {
        StringBuilder head = new StringBuilder(method + " " + path + " HTTP/1.1\r\n");
        head.append("Host: 127.0.0.1:").append(hub.port()).append("\r\nConnection: close\r\n");
        List.of(headers).forEach(line -> head.append(line).append("\r\n"));
        try (Socket socket = new Socket("127.0.0.1", hub.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write((head + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
            return answer(
                    new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    private static Answer answer(String text) {
        int end = text.indexOf("\r\n\r\n");
        List<String> head = text.substring(0, end).toLowerCase(Locale.ROOT).lines().toList();
        return new Answer(
                Integer.parseInt(text.substring(9, 12)),
                head.subList(1, head.size()),
                text.substring(end + 4));
    }
}
