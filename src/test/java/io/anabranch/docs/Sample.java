package io.anabranch.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A fenced block of a page of the documentation.
 *
 * @param page from the top of the project: {@code docs/clients.md}
 * @param line where it begins
 * @param language what stands behind the fence; empty for none
 */
public record Sample(String page, int line, String language, String text) {
    private static final String FENCE = "```";
    private static final int SHOWN = 60;

    /** All there are, page by page. */
    public static List<Sample> all() throws IOException {
        List<Sample> samples = new ArrayList<>();
        for (Path page : pages()) {
            read(page, samples);
        }
        return samples;
    }

    /** The README and what is in {@code docs}. */
    static List<Path> pages() throws IOException {
        try (Stream<Path> docs = Files.list(Path.of("docs"))) {
            List<Path> pages = new ArrayList<>(List.of(Path.of("README.md")));
            docs.filter(page -> page.toString().endsWith(".md")).sorted().forEach(pages::add);
            return pages;
        }
    }

    private static void read(Path page, List<Sample> samples) throws IOException {
        List<String> lines = Files.readAllLines(page);
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).strip().startsWith(FENCE)) {
                continue;
            }
            int indent = lines.get(i).indexOf(FENCE);
            String language = lines.get(i).strip().substring(FENCE.length());
            int begin = i + 1;
            StringBuilder text = new StringBuilder();
            for (i++; !lines.get(i).strip().equals(FENCE); i++) {
                String line = lines.get(i);
                text.append(line.substring(Math.min(indent, line.length()))).append('\n');
            }
            samples.add(new Sample(page.toString(), begin, language, text.toString()));
        }
    }

    /** The page and how the sample begins: what a test knows it by. */
    public String title() {
        String first = text.lines().filter(line -> !line.isBlank()).findFirst().orElse("");
        String shown = first.length() > SHOWN ? first.substring(0, SHOWN) : first;
        return page + ": " + shown.strip();
    }
}
