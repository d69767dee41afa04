package io.anabranch.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ServeArgumentsTest {
    @Test
    void noneMeanTheDefaults() {
        assertThat(ServeArguments.parse())
                .contains(new ServeArguments(Path.of("conf/anabranch.yaml"), List.of()));
    }

    @Test
    void theCommandMayBeNamed() {
        assertThat(ServeArguments.parse("serve")).isEqualTo(ServeArguments.parse());
        assertThat(ServeArguments.parse("serve", "--config", "x.yaml"))
                .contains(new ServeArguments(Path.of("x.yaml"), List.of()));
    }

    @Test
    void valuesFollowOrAreJoined() {
        assertThat(ServeArguments.parse("--set=a.b=1", "--config", "x.yaml", "--set", "c=\"d\""))
                .contains(new ServeArguments(Path.of("x.yaml"), List.of("a.b=1", "c=\"d\"")));
    }

    @Test
    void allElseIsLeftToTheCommandLine() {
        for (String[] args :
                new String[][] {
                    {"serve", "serve"},
                    {"serve", "--help"},
                    {"--config", "x.yaml", "serve"},
                    {"--help"},
                    {"-V"},
                    {"token", "--user", "alice"},
                    {"--confg", "x.yaml"},
                    {"--config"},
                    {"--config="},
                    {"--config", "--set"},
                    {"--config", "x.yaml", "--config", "y.yaml"},
                    {"--set", "a=1", "tail"},
                    {"--set", "@file"},
                    {"@file"},
                    {""}
                }) {
            assertThat(ServeArguments.parse(args)).as(String.join(" ", args)).isEmpty();
        }
    }

    @Test
    void whatIsWrongIsToldAsByTheCommandLine() {
        for (String[] args :
                new String[][] {
                    {"--config", "no/such.yaml"},
                    {"--config", "conf/anabranch.yaml", "--set", "http.prot=1"}
                }) {
            StringWriter own = new StringWriter();
            int code =
                    Main.serve(
                            ServeArguments.parse(args).orElseThrow(),
                            new PrintWriter(new StringWriter()),
                            new PrintWriter(own));
            StringWriter usual = new StringWriter();
            int expected = Main.commandLine(Map.of()).setErr(new PrintWriter(usual)).execute(args);
            assertThat(own).hasToString(usual.toString());
            assertThat(own.toString()).startsWith("anabranch: ");
            assertThat(code).isEqualTo(expected);
        }
    }
}
