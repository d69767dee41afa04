package io.anabranch.polyglot;

/** A script went wrong: file, line and reason, in one sentence and without a stack trace. */
final class ScriptFailure extends RuntimeException {
    private final boolean fatal;

    /**
     * @param fatal whether the script cannot go on
     */
    ScriptFailure(String reason, boolean fatal) {
        super(reason, null, false, false);
        this.fatal = fatal;
    }

    boolean isFatal() {
        return fatal;
    }

    String reason() {
        return String.valueOf(getMessage());
    }
}
