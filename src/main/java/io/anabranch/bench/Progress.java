package io.anabranch.bench;

/** Hears how a run goes on, a few times a second, on the thread of the run. */
@FunctionalInterface
public interface Progress {
    /**
     * @param line in words, in place of the last one
     */
    void at(String line);
}
