package io.anabranch.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;

/** A key pair of the JDK's making, and tokens signed by the JDK: nothing of ours, or of Vert.x. */
record TestKey(Algorithm algorithm, KeyPair pair) {
    static TestKey generate(Algorithm algorithm) {
        return switch (algorithm) {
            case RS256 -> generate(algorithm, "RSA", "2048");
            case ES256 -> generate(algorithm, "EC", "secp256r1");
            case EDDSA -> generate(algorithm, "Ed25519", "");
            case HS256 -> throw new IllegalArgumentException("HS256");
        };
    }

    static TestKey generate(Algorithm algorithm, String type, String size) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(type);
            if (type.equals("RSA")) {
                generator.initialize(Integer.parseInt(size));
            } else if (type.equals("EC")) {
                generator.initialize(new ECGenParameterSpec(size));
            }
            return new TestKey(algorithm, generator.generateKeyPair());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    KeyOptions options(String id, Path directory) {
        return KeyOptions.ofPublicKey(id, algorithm, write(directory.resolve(id + ".pem")));
    }

    Path write(Path file) {
        try {
            return Files.writeString(file, pem());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String pem() {
        return "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(pair.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n";
    }

    String sign(String claims) {
        return sign("{\"alg\":\"" + algorithm.label() + "\"}", claims);
    }

    String sign(String header, String claims) {
        String signed = encode(header.getBytes(UTF_8)) + "." + encode(claims.getBytes(UTF_8));
        try {
            Signature signature = Signature.getInstance(signatureName());
            signature.initSign(pair.getPrivate());
            signature.update(signed.getBytes(UTF_8));
            return signed + "." + encode(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private String signatureName() {
        return switch (algorithm) {
            case RS256 -> "SHA256withRSA";
            case ES256 -> "SHA256withECDSAinP1363Format";
            case EDDSA -> "Ed25519";
            case HS256 -> throw new IllegalStateException("HS256");
        };
    }

    static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
