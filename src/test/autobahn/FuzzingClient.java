import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import me.normanmaurer.maven.autobahntestsuite.AutobahnTestSuite;

/**
 * Runs Autobahn's fuzzing client: {@code FuzzingClient AGENT URI CASES [EXCLUDED]}, the last two
 * lists with commas. In no package: the client's Python takes any Java package {@code io} on the
 * class path for its own module.
 */
public final class FuzzingClient {
    private FuzzingClient() {}

    public static void main(String[] args) {
        var results =
                AutobahnTestSuite.runFuzzingClient(
                        args[0],
                        args[1],
                        new HashMap<>(Map.of("version", 18)),
                        list(args[2]),
                        args.length > 3 ? list(args[3]) : new ArrayList<>());
        System.exit(results.isEmpty() ? 1 : 0);
    }

    private static List<String> list(String names) {
        return new ArrayList<>(List.of(names.split(",")));
    }
}
