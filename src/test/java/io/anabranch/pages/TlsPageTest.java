package io.anabranch.pages;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.TestCertificate;
import io.anabranch.testing.TestHub;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What a browser does with one hub over TLS. */
@Tag("browser")
class TlsPageTest {
    private static final int STREAMS = 20;

    @TempDir Path directory;
    private static final TestHub HUB =
            new TestHub().development().deflates().anonymous(List.of("chat:*"), List.of("chat:*"));
    @RegisterExtension static final Chromium CHROMIUM = new Chromium(HUB);

    @BeforeEach
    void start() throws Exception {
        TestCertificate certificate = TestCertificate.create(directory);
        HUB.tls(certificate.cert(), certificate.key()).start();
    }

    @AfterEach
    void stop() throws Exception {
        HUB.stop();
    }

    /** Over HTTP/1.1 six streams would leave no connection for anything else. */
    @Test
    void twentyStreamsAWebSocketAndAPublisherWorkFromOnePage() {
        Window window = CHROMIUM.open("/");
        Object seen =
                window.page()
                        .evaluate(
                                """
                                async streams => {
                                  const opened = source => new Promise((resolve, reject) => {
                                    source.addEventListener('hub.ready', () => resolve(source));
                                    source.addEventListener('error', reject);
                                  });
                                  const message = target => new Promise(resolve =>
                                    target.addEventListener('message', ({ data }) => resolve(data)));
                                  const sources = await Promise.all(Array.from({ length: streams },
                                    () => opened(new EventSource('/sse?channel=chat:*'))));
                                  const socket = new WebSocket(
                                    `wss://${location.host}/ws?channel=chat:*`, 'anabranch.v1');
                                  await message(socket);
                                  const all = [...sources, socket].map(message);
                                  const url = '/api/v1/channels/chat:a/messages';
                                  const answer = await fetch(url, {
                                    method: 'POST',
                                    headers: { 'Content-Type': 'text/plain' },
                                    body: 'hi '.repeat(100),
                                  });
                                  const texts = await Promise.all(all);
                                  const [page] = performance.getEntriesByType('navigation');
                                  const extensions = socket.extensions;
                                  sources.forEach(source => source.close());
                                  socket.close();
                                  return {
                                    status: answer.status,
                                    protocol: page.nextHopProtocol,
                                    extensions,
                                    streams: texts.slice(0, streams),
                                    frame: JSON.parse(texts[streams]).data,
                                  };
                                }
                                """,
                                STREAMS);
        String sent = "hi ".repeat(100);
        assertThat(seen)
                .isEqualTo(
                        Map.of(
                                "status",
                                201,
                                "protocol",
                                "h2",
                                "extensions",
                                "permessage-deflate; server_no_context_takeover;"
                                        + " client_no_context_takeover",
                                "streams",
                                Collections.nCopies(STREAMS, sent),
                                "frame",
                                sent));
    }
}
