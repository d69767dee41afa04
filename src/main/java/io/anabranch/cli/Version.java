package io.anabranch.cli;

import picocli.CommandLine.IVersionProvider;

/** The version that the jar's manifest names. */
final class Version implements IVersionProvider {
    @Override
    public String[] getVersion() {
        String version = Main.class.getPackage().getImplementationVersion();
        return new String[] {
            "Anabranch " + (version == null ? "(built from source)" : version),
            "Java " + System.getProperty("java.version")
        };
    }
}
