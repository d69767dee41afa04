package io.anabranch.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.EdECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads and checks key material before any library sees it. Blocks for files. */
final class Keys {
    private static final int MIN_RSA_BITS = 2048;
    private static final int P256_BITS = 256;
    private static final String ED25519 = "Ed25519";
    private static final Pattern PEM =
            Pattern.compile(
                    "-----BEGIN PUBLIC KEY-----([A-Za-z0-9+/=\\s]+)-----END PUBLIC KEY-----");
    private static final String HOW_TO_MAKE_A_SECRET = "openssl rand -base64 32";

    private Keys() {}

    /**
     * The secret of an HS256 key.
     *
     * @throws KeyException when it is missing or under 32 bytes
     */
    static byte[] secret(KeyOptions key) {
        String secret = key.secret();
        if (secret == null || secret.isEmpty()) {
            throw refused(key, "no secret (expected: one, made with " + HOW_TO_MAKE_A_SECRET + ")");
        }
        byte[] bytes = secret.getBytes(UTF_8);
        if (bytes.length < KeyOptions.MIN_SECRET_BYTES) {
            throw refused(
                    key,
                    "a secret of "
                            + bytes.length
                            + " bytes (expected: at least "
                            + KeyOptions.MIN_SECRET_BYTES
                            + ", made with "
                            + HOW_TO_MAKE_A_SECRET
                            + ")");
        }
        return bytes;
    }

    /**
     * The public key of another algorithm, as PEM.
     *
     * @throws KeyException when the file is not readable, holds no public key, or one that is too
     *     weak or of another kind
     */
    static String publicKeyPem(KeyOptions key) {
        Path file = key.publicKey();
        if (file == null) {
            throw refused(key, "no publicKey (expected: a PEM file)");
        }
        Matcher pem = PEM.matcher(read(key, file));
        if (!pem.find()) {
            throw refused(key, file + " holds no -----BEGIN PUBLIC KEY-----");
        }
        requireFit(key, file, decode(key, file, pem.group(1)));
        return pem.group();
    }

    private static String read(KeyOptions key, Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new KeyException(named(key) + file + " cannot be read (expected: a PEM file)", e);
        }
    }

    private static PublicKey decode(KeyOptions key, Path file, String base64) {
        try {
            byte[] der = Base64.getMimeDecoder().decode(base64);
            return KeyFactory.getInstance(keyType(key.algorithm()))
                    .generatePublic(new X509EncodedKeySpec(der));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new KeyException(named(key) + file + " holds no " + expected(key), e);
        }
    }

    private static void requireFit(KeyOptions key, Path file, PublicKey publicKey) {
        boolean tooWeak =
                publicKey instanceof RSAPublicKey rsa
                        && rsa.getModulus().bitLength() < MIN_RSA_BITS;
        boolean otherCurve =
                publicKey instanceof ECPublicKey ec
                        && ec.getParams().getCurve().getField().getFieldSize() != P256_BITS;
        boolean otherEdCurve =
                publicKey instanceof EdECPublicKey ed && !ed.getParams().getName().equals(ED25519);
        if (tooWeak || otherCurve || otherEdCurve) {
            throw refused(key, file + " holds no " + expected(key));
        }
    }

    private static String keyType(Algorithm algorithm) {
        return switch (algorithm) {
            case RS256 -> "RSA";
            case ES256 -> "EC";
            case EDDSA -> "EdDSA";
            case HS256 -> throw new IllegalArgumentException("HS256 has no public key");
        };
    }

    private static String expected(KeyOptions key) {
        return switch (key.algorithm()) {
            case RS256 -> "RSA key of at least " + MIN_RSA_BITS + " bits";
            case ES256 -> "EC key on the curve P-256";
            case EDDSA -> "Ed25519 key";
            case HS256 -> "secret";
        };
    }

    private static KeyException refused(KeyOptions key, String what) {
        return new KeyException(named(key) + what);
    }

    private static String named(KeyOptions key) {
        return "auth.keys, " + key.id() + " (" + key.algorithm().label() + "): ";
    }
}
