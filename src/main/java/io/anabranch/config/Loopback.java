package io.anabranch.config;

/** This machine's own addresses. */
final class Loopback {
    private Loopback() {}

    /** Whether a host, with or without the brackets of a URL, is this machine whatever DNS says. */
    static boolean isHost(String host) {
        return host.equals("localhost")
                || host.equals("::1")
                || host.equals("[::1]")
                || host.matches("127(\\.[0-9]{1,3}){3}");
    }
}
