package comparison;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What is generated in docs/benchmarks.md, between marks of which each names one part. */
final class Page {
    private static final Path PAGE = Path.of("docs/benchmarks.md");

    private Page() {}

    static void replace(String part, String body) throws IOException {
        String begin = "<!-- " + part + ": begin -->\n";
        String end = "<!-- " + part + ": end -->\n";
        String page = Files.readString(PAGE);
        int from = page.indexOf(begin) + begin.length();
        int to = page.indexOf(end);
        if (from < begin.length() || to < from) {
            throw new IOException(PAGE + " has no lines " + begin.strip() + " and " + end.strip());
        }
        Files.writeString(PAGE, page.substring(0, from) + "\n" + body + "\n" + page.substring(to));
        System.out.println("written: " + PAGE);
    }
}
