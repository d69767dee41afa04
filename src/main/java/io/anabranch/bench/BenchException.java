package io.anabranch.bench;

/** A run that could not be made, in words for the one who asked for it. */
public final class BenchException extends RuntimeException {
    BenchException(String message) {
        super(message);
    }
}
