package io.anabranch.testing;

import io.anabranch.auth.AuthOptions;
import io.anabranch.auth.Grants;
import io.anabranch.auth.JwksOptions;
import io.anabranch.auth.KeyOptions;
import io.anabranch.auth.TokenIssuer;
import io.anabranch.auth.TokenRules;
import io.anabranch.config.Config;
import io.anabranch.http.HubServer;
import io.anabranch.hub.Hooks;
import io.anabranch.log.Retention;
import io.anabranch.message.ChannelPattern;
import io.anabranch.message.Limit;
import io.anabranch.polyglot.VerticleOptions;
import io.anabranch.polyglot.VerticleState;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** A real hub on a free port, with real tokens, for one test. */
public final class TestHub implements BeforeEachCallback, AfterEachCallback {
    private static final int ANY = 10_000_000;
    private static final String SECRET = "a-secret-for-tests-of-32-bytes-at-least";

    private final List<Config.ChannelRule> rules = new ArrayList<>();
    private final List<VerticleOptions> verticles = new ArrayList<>();
    private Grants anonymous = Grants.NONE;
    private Config.@Nullable Tls tls;
    private List<String> origins = List.of();
    private @Nullable String cookie;
    private @Nullable JwksOptions jwks;
    private String host = "127.0.0.1";
    private int heartbeatMs = 15_000;
    private int batchIntervalMs;
    private int drainMs = 5_000;
    private int maxMessage = 64 * 1024;
    private long serviceTimeoutMs = 25_000;
    private String transport = "auto";
    private int port;
    private boolean deflates;
    private boolean development;
    private boolean failing;
    private Config.Protocols protocols = Config.Protocols.NONE;
    private int idleTimeMs = 75_000;
    private List<String> trustedProxies = List.of();
    private final Map<Limit, Integer> limits = new EnumMap<>(Limit.class);
    private @Nullable Path sqlite;
    private Config.@Nullable Nats nats;
    private @Nullable HubServer server;

    public TestHub retain(String pattern, int messages) {
        rules.add(rule(pattern, messages));
        return this;
    }

    /** Whose log and presence throw at every channel that no rule is for. */
    public TestHub failingElsewhere() {
        failing = true;
        return this;
    }

    /** Where it listens; this test may reach it on the loopback in any case. */
    public TestHub host(String address) {
        host = address;
        return this;
    }

    public TestHub heartbeat(int ms) {
        heartbeatMs = ms;
        return this;
    }

    public TestHub batchInterval(int ms) {
        batchIntervalMs = ms;
        return this;
    }

    /** How the event loops talk to the kernel: {@code io_uring}, {@code epoll} or {@code nio}. */
    public TestHub transport(String name) {
        transport = name;
        return this;
    }

    public TestHub drain(int ms) {
        drainMs = ms;
        return this;
    }

    public TestHub anonymous(List<String> subscribe, List<String> publish) {
        return anonymous(new Grants(subscribe, publish, subscribe, List.of(), false));
    }

    public TestHub anonymous(Grants grants) {
        anonymous = grants;
        return this;
    }

    public TestHub development(String... deployed) {
        development = true;
        return verticles(deployed);
    }

    public TestHub verticles(String... deployed) {
        for (String name : deployed) {
            verticle(VerticleOptions.of(name));
        }
        return this;
    }

    public TestHub verticle(VerticleOptions options) {
        verticles.add(options);
        return this;
    }

    /** How the verticles beside the hub are. */
    public List<VerticleState> verticleStates() {
        return java.util.Objects.requireNonNull(server).verticles();
    }

    public TestHub serviceTimeout(long ms) {
        serviceTimeoutMs = ms;
        return this;
    }

    public TestHub tls(Path cert, Path key) {
        tls = new Config.Tls(cert, key, 100, false);
        return this;
    }

    /** Speaks HTTP/3 too. */
    public TestHub http3(Path cert, Path key) {
        tls = new Config.Tls(cert, key, 100, true);
        port = Ports.free();
        return this;
    }

    /** Speaks permessage-deflate. */
    public TestHub deflates() {
        deflates = true;
        return this;
    }

    /** Speaks other protocols too. */
    public TestHub protocols(Config.Protocols protocols) {
        this.protocols = protocols;
        return this;
    }

    /** Pages from elsewhere that may connect. */
    public TestHub origins(String... origins) {
        this.origins = List.of(origins);
        return this;
    }

    /** Keys of an issuer alone: the hub's own tokens count for nothing. */
    public TestHub jwks(URI url) {
        jwks = new JwksOptions(url, 50, 50);
        return this;
    }

    /** The cookie that may carry a token. */
    public TestHub cookie(String name) {
        cookie = name;
        return this;
    }

    public TestHub maxMessage(int bytes) {
        maxMessage = bytes;
        return this;
    }

    /** Sets a limit; those that are not set hinder no test. */
    public TestHub limit(Limit limit, int most) {
        limits.put(limit, most);
        return this;
    }

    public TestHub idleTime(int ms) {
        idleTimeMs = ms;
        return this;
    }

    public TestHub trustedProxies(String... blocks) {
        trustedProxies = List.of(blocks);
        return this;
    }

    private Config.Limits limits() {
        return new Config.Limits(
                maxMessage,
                limits.getOrDefault(Limit.FRAME, maxMessage + 8 * 1024),
                limits.getOrDefault(Limit.URL, 8 * 1024),
                limits.getOrDefault(Limit.HEADERS, 16 * 1024),
                limits.getOrDefault(Limit.CONNECTIONS, ANY),
                limits.getOrDefault(Limit.CONNECTIONS_PER_USER, ANY),
                limits.getOrDefault(Limit.CONNECTIONS_PER_ADDRESS, ANY),
                limits.getOrDefault(Limit.CHANNELS_PER_CONNECTION, 128),
                limits.getOrDefault(Limit.PUBLISH_PER_SECOND, ANY),
                limits.getOrDefault(Limit.PUBLISH_PER_SECOND_PER_CONNECTION, ANY),
                limits.getOrDefault(Limit.BATCH_ITEMS, ANY),
                limits.getOrDefault(Limit.HISTORY_PAGE, 1_000),
                limits.getOrDefault(Limit.HEADERS_TIME, 15_000),
                limits.getOrDefault(Limit.BODY_TIME, 60_000),
                idleTimeMs);
    }

    /** Announces who comes to the channels of a pattern and who leaves them. */
    public TestHub presence(String pattern) {
        return rule(pattern, false, true, null);
    }

    /** Acknowledges what is published on the channels of a pattern when it is on stable storage. */
    public TestHub durable(String pattern) {
        return rule(pattern, true, false, null);
    }

    /** Asks a verticle before a message is published on the channels of a pattern. */
    public TestHub before(String pattern, String address, long timeoutMs) {
        return rule(pattern, false, false, new Hooks.Hook(address, timeoutMs));
    }

    /** Announces who comes to the chat, and asks its moderator. */
    public TestHub moderatedChat() {
        return rule("chat:*", false, true, new Hooks.Hook("chat.moderate", 5_000));
    }

    private TestHub rule(
            String pattern, boolean durable, boolean presence, Hooks.@Nullable Hook hook) {
        rules.add(
                new Config.ChannelRule(
                        new ChannelPattern(pattern),
                        new Retention(10_000, 3_600_000, durable),
                        presence,
                        hook));
        return this;
    }

    /** Keeps the log in a file, which a hub that is started again finds. */
    public TestHub sqlite(Path file) {
        sqlite = file;
        return this;
    }

    /** Keeps the log in a stream of a broker, which other hubs may share. */
    public TestHub nats(String server, String stream) {
        return nats(new Config.Nats(List.of(server), null, null, null, stream, 1, true));
    }

    public TestHub nats(Config.Nats broker) {
        nats = broker;
        return this;
    }

    private Config.LogStore logStore() {
        Path file = sqlite;
        if (file != null) {
            return new Config.LogStore("sqlite", file, 120_000, 0, null);
        }
        Config.Nats broker = nats;
        String type = broker == null ? "memory" : "nats";
        return new Config.LogStore(type, Path.of("unused"), 120_000, 0, broker);
    }

    private static Config.ChannelRule rule(String pattern, int messages) {
        return new Config.ChannelRule(
                new ChannelPattern(pattern), new Retention(messages, 3_600_000, false), false);
    }

    private AuthOptions auth() {
        List<KeyOptions> keys =
                jwks == null ? List.of(KeyOptions.hs256("test", SECRET)) : List.of();
        return new AuthOptions(keys, jwks, TokenRules.ANY, cookie, anonymous);
    }

    public void start() throws Exception {
        List<Config.ChannelRule> all = new ArrayList<>(rules);
        if (!failing) {
            all.add(rule("*", 10_000));
        }
        Config config =
                new Config(
                        new Config.Http(
                                host,
                                port,
                                origins,
                                trustedProxies,
                                tls,
                                heartbeatMs,
                                batchIntervalMs,
                                drainMs,
                                0,
                                transport,
                                deflates),
                        new Config.Management("127.0.0.1", 0),
                        auth(),
                        logStore(),
                        all,
                        limits(),
                        new Config.Services(serviceTimeoutMs),
                        protocols,
                        new Config.Logging(false),
                        verticles,
                        development);
        server =
                HubServer.start(config)
                        .toCompletionStage()
                        .toCompletableFuture()
                        .get(20, TimeUnit.SECONDS);
    }

    public void stop() throws Exception {
        HubServer running = server;
        if (running != null) {
            running.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
            server = null;
        }
    }

    public int port() {
        return java.util.Objects.requireNonNull(server).port();
    }

    public int managementPort() {
        return java.util.Objects.requireNonNull(server).managementPort();
    }

    public URI uri(String pathAndQuery) {
        return URI.create(
                (tls == null ? "http" : "https") + "://127.0.0.1:" + port() + pathAndQuery);
    }

    /** A token that may do everything on all channels. */
    public String token(String user) {
        List<String> all = List.of("*");
        return token(user, new Grants(all, all, all, List.of(), false), Duration.ofMinutes(5));
    }

    /** A token that may look at connections, end them, and revoke tokens, and nothing else. */
    public String adminToken() {
        Grants admin = new Grants(List.of(), List.of(), List.of(), List.of(), true);
        return token("admin", admin, Duration.ofMinutes(5));
    }

    public String token(String user, List<String> subscribe, List<String> publish, Duration ttl) {
        return token(user, new Grants(subscribe, publish, List.of(), List.of(), false), ttl);
    }

    public String token(String user, Grants grants, Duration ttl) {
        return new TokenIssuer(auth()).issue(user, grants, ttl);
    }

    /** A token with any claims, for five minutes. */
    public String tokenOf(JsonObject claims) throws GeneralSecurityException {
        long expires = System.currentTimeMillis() / 1_000 + 300;
        String signed =
                base64("{\"alg\":\"HS256\"}".getBytes(StandardCharsets.UTF_8))
                        + "."
                        + base64(claims.copy().put("exp", expires).toBuffer().getBytes());
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(SECRET.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return signed + "." + base64(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
    }

    private static String base64(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** What signs this hub's tokens, for clients that make their own. */
    public static String secret() {
        return SECRET;
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        start();
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        stop();
    }
}
