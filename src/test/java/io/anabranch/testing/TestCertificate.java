package io.anabranch.testing;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Base64;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate for 127.0.0.1 that its own key has signed, and nobody trusts by default. */
public final class TestCertificate {
    private static final String ALIAS = "hub";
    private static final char[] PASSWORD = "changeit".toCharArray();

    private final KeyStore store;
    private final Path cert;
    private final Path key;

    private TestCertificate(KeyStore store, Path cert, Path key) {
        this.store = store;
        this.cert = cert;
        this.key = key;
    }

    /** Made by the JDK's keytool, in this directory. */
    public static TestCertificate create(Path directory) throws Exception {
        Path file = directory.resolve("key.p12");
        String keytool = Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process made =
                new ProcessBuilder(
                                keytool,
                                "-genkeypair",
                                "-keyalg",
                                "EC",
                                "-groupname",
                                "secp256r1",
                                "-alias",
                                ALIAS,
                                "-dname",
                                "CN=localhost",
                                "-ext",
                                "san=ip:127.0.0.1",
                                "-validity",
                                "2",
                                "-storetype",
                                "PKCS12",
                                "-storepass",
                                new String(PASSWORD),
                                "-keystore",
                                file.toString())
                        .inheritIO()
                        .start();
        if (made.waitFor() != 0) {
            throw new AssertionError("keytool ended with " + made.exitValue());
        }
        KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD);
        return new TestCertificate(
                store,
                pem(directory, "CERTIFICATE", store.getCertificate(ALIAS).getEncoded()),
                pem(directory, "PRIVATE KEY", store.getKey(ALIAS, PASSWORD).getEncoded()));
    }

    private static Path pem(Path directory, String type, byte[] der) throws Exception {
        String base64 = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return Files.writeString(
                directory.resolve(type.replace(' ', '-') + ".pem"),
                "-----BEGIN " + type + "-----\n" + base64 + "\n-----END " + type + "-----\n");
    }

    /** The certificate, as PEM. */
    public Path cert() {
        return cert;
    }

    /** Its private key, as PEM. */
    public Path key() {
        return key;
    }

    /** For clients that trust it, and nobody else. */
    public SSLContext trusting() throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry(ALIAS, store.getCertificate(ALIAS));
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, factory.getTrustManagers(), null);
        return context;
    }

    /** For servers that show it. */
    public SSLContext showing() throws Exception {
        KeyManagerFactory factory =
                KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(factory.getKeyManagers(), null, null);
        return context;
    }
}
