package io.anabranch.auth;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** A key pair of the JDK's making, and tokens signed by the JDK: nothing of ours, or of Vert.x. */
public record TestKey(Algorithm algorithm, KeyPair pair) {
    public static TestKey generate(Algorithm algorithm) {
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

    /** The public key as an issuer publishes it (RFC 7517). */
    public JsonObject jwk(String kid) {
        JsonObject jwk = new JsonObject().put("kid", kid).put("use", "sig");
        if (pair.getPublic() instanceof RSAPublicKey rsa) {
            return jwk.put("kty", "RSA")
                    .put("n", encode(unsigned(rsa.getModulus(), 0)))
                    .put("e", encode(unsigned(rsa.getPublicExponent(), 0)));
        }
        if (pair.getPublic() instanceof ECPublicKey ec) {
            int bytes = (ec.getParams().getCurve().getField().getFieldSize() + 7) / 8;
            return jwk.put("kty", "EC")
                    .put("crv", "P-" + bytes * 8)
                    .put("x", encode(unsigned(ec.getW().getAffineX(), bytes)))
                    .put("y", encode(unsigned(ec.getW().getAffineY(), bytes)));
        }
        byte[] der = pair.getPublic().getEncoded();
        byte[] last32 = Arrays.copyOfRange(der, der.length - 32, der.length);
        return jwk.put("kty", "OKP").put("crv", "Ed25519").put("x", encode(last32));
    }

    /** Without a sign, filled up to {@code least} bytes. */
    private static byte[] unsigned(BigInteger number, int least) {
        byte[] bytes = number.toByteArray();
        int from = bytes[0] == 0 ? 1 : 0;
        int length = bytes.length - from;
        byte[] filled = new byte[Math.max(least, length)];
        System.arraycopy(bytes, from, filled, filled.length - length, length);
        return filled;
    }

    /** A token of alice's for an hour whose header names a key. */
    public String token(String kid) {
        String header = "{\"alg\":\"" + algorithm.label() + "\",\"kid\":\"" + kid + "\"}";
        long exp = System.currentTimeMillis() / 1000 + 3_600;
        return sign(header, "{\"sub\":\"alice\",\"exp\":" + exp + "}");
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

    /** A token of these parts as the JDK signs it. */
    static String hs256(String secret, String header, String claims) {
        String signed = encode(header.getBytes(UTF_8)) + "." + encode(claims.getBytes(UTF_8));
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(secret.getBytes(UTF_8), "HmacSHA256"));
            return signed + "." + encode(mac.doFinal(signed.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The same token but for one character of its signature. */
    static String tampered(String token) {
        int middle = token.lastIndexOf('.') + 20;
        char other = token.charAt(middle) == 'A' ? 'B' : 'A';
        return token.substring(0, middle) + other + token.substring(middle + 1);
    }
}
