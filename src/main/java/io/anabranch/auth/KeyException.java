package io.anabranch.auth;

/**
 * A key with which the hub does not start. The message names the key and says what was expected,
 * and never holds a secret.
 */
public final class KeyException extends RuntimeException {
    public KeyException(String message) {
        super(message);
    }

    public KeyException(String message, Throwable cause) {
        super(message, cause);
    }
}
