package io.anabranch.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The links of the README and of {@code docs} lead somewhere. */
class LinksTest {
    private static final Pattern LINK = Pattern.compile("]\\(([^)\\s]+)\\)");
    private static final Pattern HEADING = Pattern.compile("(?m)^#+ +(.+)$");
    private static final Pattern SAMPLE = Pattern.compile("(?s)```.*?```|`[^`\n]+`");

    @Test
    void toFilesAndTheirHeadings() throws Exception {
        List<String> broken = new ArrayList<>();
        for (Path page : Sample.pages()) {
            String text = SAMPLE.matcher(Files.readString(page)).replaceAll("");
            for (MatchResult link : LINK.matcher(text).results().toList()) {
                if (!link.group(1).matches("https?:.*") && !leadsSomewhere(page, link.group(1))) {
                    broken.add(page + ": " + link.group(1));
                }
            }
        }
        assertThat(broken).isEmpty();
    }

    /** The pages of the index are those that there are. */
    @Test
    void toEachPageFromTheIndex() throws Exception {
        String index = Files.readString(Path.of("docs/README.md"));
        for (Path page : Sample.pages()) {
            String name = page.getFileName().toString();
            assertThat(name.equals("README.md") || index.contains("(" + name + ")"))
                    .as("docs/README.md leads to " + name)
                    .isTrue();
        }
    }

    private static boolean leadsSomewhere(Path page, String link) throws IOException {
        String[] parts = link.split("#", 2);
        Path target = parts[0].isEmpty() ? page : page.resolveSibling(parts[0]).normalize();
        if (!Files.exists(target)) {
            return false;
        }
        return parts.length == 1 || anchors(target).contains(parts[1]);
    }

    /** As they are made of headings: small letters, digits, and hyphens for spaces. */
    private static List<String> anchors(Path page) throws IOException {
        return HEADING.matcher(Files.readString(page))
                .results()
                .map(heading -> heading.group(1).toLowerCase(Locale.ROOT))
                .map(heading -> heading.replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-'))
                .toList();
    }
}
