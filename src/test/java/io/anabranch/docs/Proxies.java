package io.anabranch.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.Ports;
import io.anabranch.testing.SseReader;
import io.anabranch.testing.WsClient;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Runs proxies as the samples say, before a hub: they pass on both transports at once. */
final class Proxies {
    private final ShippedHub hub;

    Proxies(ShippedHub hub) {
        this.hub = hub;
    }

    void nginx(Sample sample) throws Exception {
        Path directory = Files.createTempDirectory(hub.directory(), "nginx");
        int port = Ports.free();
        String server =
                hub.here(sample.text())
                        .replace("443 ssl http2", "127.0.0.1:" + port)
                        .replaceAll("ssl_certificate.*;", "");
        String paths =
                Stream.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
                        .map(kind -> kind + "_temp_path " + kind + ";\n")
                        .collect(Collectors.joining());
        String prefix = directory + "/";
        Files.writeString(
                directory.resolve("nginx.conf"),
                "daemon off; pid nginx.pid; error_log stderr error; events {}\nhttp { access_log off;\n"
                        + paths
                        + server
                        + "}\n");
        passesOn(
                directory,
                port,
                List.of(
                        "/usr/sbin/nginx",
                        "-e",
                        "stderr",
                        "-p",
                        prefix,
                        "-c",
                        prefix + "nginx.conf"));
    }

    void caddy(Sample sample) throws Exception {
        Path directory = Files.createTempDirectory(hub.directory(), "caddy");
        int port = Ports.free();
        String site =
                hub.here(sample.text()).replace("hub.example.com", "http://127.0.0.1:" + port);
        Files.writeString(directory.resolve("Caddyfile"), "{\n    admin off\n}\n" + site);
        passesOn(directory, port, List.of("caddy", "run", "--config", "Caddyfile"));
    }

    private void passesOn(Path directory, int port, List<String> command) throws Exception {
        hub.rest().publish("chat:lobby", "{\"text\":\"hi\"}");
        String proxy = "http://127.0.0.1:" + port;
        String path = proxy + "%s?channel=chat:lobby&last=1";
        Map<String, String> home = Map.of("HOME", directory.toString());
        try (Run run = new Run(directory, home, command)) {
            run.answers(URI.create(proxy + "/demo/chat.html"));
            URI streamed = URI.create(path.formatted("/sse"));
            try (SseReader stream = new SseReader(streamed, hub.token())) {
                assertThat(stream.messages(1)).hasSize(1);
            }
            URI socketed = URI.create(path.formatted("/ws"));
            try (WsClient socket = new WsClient(socketed, hub.token())) {
                assertThat(socket.next("message").getString("channel")).isEqualTo("chat:lobby");
            }
        }
    }
}
