package io.anabranch.cli;

/** Something that a command could not do, in a line for the one at the keyboard: exit code 1. */
final class Failure extends RuntimeException {
    Failure(String message) {
        super(message);
    }
}
