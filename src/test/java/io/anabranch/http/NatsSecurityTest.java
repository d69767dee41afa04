package io.anabranch.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.anabranch.config.Config;
import io.anabranch.testing.FastDirectory;
import io.anabranch.testing.NatsServer;
import io.anabranch.testing.Rest;
import io.anabranch.testing.TestCertificate;
import io.anabranch.testing.TestHub;
import io.nats.client.NKey;
import io.nats.client.support.JwtUtils;
import io.vertx.core.json.JsonObject;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that lets in whom it knows, over TLS alone. */
class NatsSecurityTest {
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String[] USE = {"subs", "data", "payload", "conn"};
    private static final String[] ALL = {
        "subs", "data", "payload", "conn", "mem_storage", "disk_storage", "streams", "consumer"
    };

    @TempDir(factory = FastDirectory.class)
    private Path directory;

    @Test
    void overTlsOnlyWithTheServersAuthorityAndACertificate() throws Exception {
        TestCertificate certificate = TestCertificate.create(directory);
        String tls =
                "tls {cert_file: \"%s\", key_file: \"%s\", ca_file: \"%s\", verify: true}"
                        .formatted(certificate.cert(), certificate.key(), certificate.cert());
        Config.Tls client = new Config.Tls(certificate.cert(), certificate.key(), 0, false);
        try (NatsServer server = NatsServer.start(directory, tls)) {
            String url = server.url().replace("nats:", "tls:");
            assertServes(
                    new Config.Nats(List.of(url), null, certificate.cert(), client, "a", 1, true));
            assertRefused(new Config.Nats(List.of(url), null, null, client, "a", 1, true));
            assertRefused(
                    new Config.Nats(List.of(url), null, certificate.cert(), null, "a", 1, true));
        }
    }

    @Test
    void onlyWithAUsersCredentials() throws Exception {
        NKey operator = NKey.createOperator(RANDOM);
        NKey account = NKey.createAccount(RANDOM);
        NKey system = NKey.createAccount(RANDOM);
        String trust =
                "operator: %s%nsystem_account: %s%nresolver: MEMORY%nresolver_preload: {%s: %s, %s: %s}"
                        .formatted(
                                jwt(operator, operator, claims("operator")),
                                name(system),
                                name(system),
                                jwt(operator, system, claims("account", USE)),
                                name(account),
                                jwt(operator, account, claims("account", ALL)));
        try (NatsServer server = NatsServer.start(directory, trust)) {
            List<String> urls = List.of(server.url());
            Path good = credentials("good", account, name(account));
            assertServes(new Config.Nats(urls, good, null, null, "a", 1, true));
            Path another = credentials("another", NKey.createAccount(RANDOM), name(account));
            assertRefused(new Config.Nats(urls, another, null, null, "a", 1, true));
            assertRefused(new Config.Nats(urls, null, null, null, "a", 1, true));
        }
    }

    /** Those that {@code docs/cluster.md} names. */
    @Test
    void withNoMorePermissionsThanItNeeds() throws Exception {
        String allowed =
                "[\"a.>\", \"a-hubs.>\", \"$KV.a-revocations.>\", \"$KV.a-tickets.>\","
                        + " \"$JS.API.>\", \"$JS.FC.>\", \"_INBOX.>\"]";
        String users =
                "authorization {users: [{user: hub, password: word,"
                        + " permissions: {publish: %s, subscribe: %s}}]}";
        try (NatsServer server = NatsServer.start(directory, users.formatted(allowed, allowed))) {
            String url = server.url().replace("nats://", "nats://hub:word@");
            assertServes(new Config.Nats(List.of(url), null, null, null, "a", 1, true));
            assertThat(server.said()).doesNotContain("Violation");
        }
    }

    private static String jwt(NKey signer, NKey subject, JsonObject claims) throws Exception {
        return JwtUtils.issueJWT(
                signer,
                name(subject),
                claims.getString("type"),
                Duration.ofHours(1),
                JwtUtils.currentTimeSeconds(),
                name(signer),
                claims::encode);
    }

    private static JsonObject claims(String type, String... unlimited) {
        JsonObject limits = new JsonObject();
        for (String limit : unlimited) {
            limits.put(limit, -1);
        }
        return new JsonObject().put("type", type).put("version", 2).put("limits", limits);
    }

    /** A file such as {@code nsc} writes. */
    private Path credentials(String name, NKey signer, String account) throws Exception {
        NKey user = NKey.createUser(RANDOM);
        return Files.writeString(
                directory.resolve(name + ".creds"),
                """
                -----BEGIN NATS USER JWT-----
                %s
                ------END NATS USER JWT------

                -----BEGIN USER NKEY SEED-----
                %s
                ------END USER NKEY SEED------
                """
                        .formatted(
                                JwtUtils.issueUserJWT(signer, account, name(user)),
                                new String(user.getSeed())));
    }

    private static String name(NKey key) throws Exception {
        return new String(key.getPublicKey());
    }

    private static void assertServes(Config.Nats broker) throws Exception {
        TestHub hub = new TestHub().nats(broker).drain(0);
        hub.start();
        try {
            Rest rest = new Rest(hub, hub.token("alice"));
            String id = rest.publish("chat:a", "1");
            assertThat(rest.history("chat:a", "").getJsonObject(0).getString("id")).isEqualTo(id);
        } finally {
            hub.stop();
        }
    }

    private static void assertRefused(Config.Nats broker) {
        assertThatThrownBy(() -> new TestHub().nats(broker).start())
                .hasMessageContaining("log.servers: ")
                .hasMessageContaining("that let this hub in");
    }
}
