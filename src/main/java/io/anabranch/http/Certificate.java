package io.anabranch.http;

import io.anabranch.config.Config;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Set;
import javax.net.ssl.KeyManager;
import javax.net.ssl.X509KeyManager;

/** A certificate chain and its private key (PEM, RFC 7468), as the files had them at one moment. */
record Certificate(Buffer chain, Buffer key) {
    private static final Set<String> PROTOCOLS = Set.of("TLSv1.2", "TLSv1.3");

    /** A pair of files that no server can show; the message says which and why. */
    static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1;

        UnusableException(String message) {
            super(message);
        }
    }

    /**
     * Reads both files and tries the key on the certificate: of files that are being replaced, one
     * may be the old one still, or half of the new one. Blocks.
     */
    static Certificate read(Vertx vertx, Config.Tls files) throws UnusableException {
        Certificate read =
                new Certificate(
                        read("http.tls.cert", files.cert()), read("http.tls.key", files.key()));
        read.check(vertx, files);
        return read;
    }

    private static Buffer read(String name, Path file) throws UnusableException {
        try {
            return Buffer.buffer(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new UnusableException(name + ": " + file + " cannot be read: " + e);
        }
    }

    private void check(Vertx vertx, Config.Tls files) throws UnusableException {
        boolean isPair;
        try {
            isPair = isPair(vertx);
        } catch (GeneralSecurityException | RuntimeException e) { // Vert.x throws just these
            throw new UnusableException(
                    "http.tls: " + files.cert() + " and " + files.key() + ": " + reason(e));
        }
        if (!isPair) {
            throw new UnusableException(
                    "http.tls.key: "
                            + files.key()
                            + " (expected: the private key of the certificate in "
                            + files.cert()
                            + ")");
        }
    }

    private static String reason(Exception failure) {
        return failure.getMessage() + " (expected: PEM, a certificate and its private key)";
    }

    private boolean isPair(Vertx vertx) throws GeneralSecurityException {
        X509KeyManager manager = keyManager(vertx);
        for (String algorithm : Set.of("RSA", "EC", "EdDSA")) {
            String[] aliases = manager.getServerAliases(algorithm, null);
            if (aliases != null && aliases.length > 0) {
                return isPair(
                        manager.getCertificateChain(aliases[0])[0].getPublicKey(),
                        manager.getPrivateKey(aliases[0]));
            }
        }
        throw new GeneralSecurityException("no key of RSA, EC or Ed25519");
    }

    private X509KeyManager keyManager(Vertx vertx) throws GeneralSecurityException {
        try {
            for (KeyManager manager : pem().getKeyManagerFactory(vertx).getKeyManagers()) {
                if (manager instanceof X509KeyManager x509) {
                    return x509;
                }
            }
        } catch (GeneralSecurityException | RuntimeException e) {
            throw e;
        } catch (Exception e) { // as Vert.x declares it
            throw new GeneralSecurityException(e);
        }
        throw new GeneralSecurityException("no certificate");
    }

    private static boolean isPair(PublicKey certified, PrivateKey key)
            throws GeneralSecurityException {
        if (!certified.getAlgorithm().equals(key.getAlgorithm())) {
            return false;
        }
        byte[] something = {1, 2, 3};
        Signature signature = Signature.getInstance(signature(key));
        signature.initSign(key);
        signature.update(something);
        byte[] signed = signature.sign();
        signature.initVerify(certified);
        signature.update(something);
        return signature.verify(signed);
    }

    private static String signature(PrivateKey key) {
        return switch (key.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC" -> "SHA256withECDSA";
            default -> key.getAlgorithm();
        };
    }

    private PemKeyCertOptions pem() {
        return new PemKeyCertOptions().setCertValue(chain).setKeyValue(key);
    }

    /** Nothing of it: the key is secret. */
    @Override
    public String toString() {
        return "Certificate";
    }

    /** How a server shows it: TLS 1.2 and 1.3 alone (RFC 8996). */
    ServerSSLOptions options() {
        ServerSSLOptions options = new ServerSSLOptions();
        options.setKeyCertOptions(pem()).setEnabledSecureTransportProtocols(PROTOCOLS);
        return options;
    }
}
