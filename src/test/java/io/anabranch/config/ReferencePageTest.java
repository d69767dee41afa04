package io.anabranch.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The page of all settings says what the schema says. */
class ReferencePageTest {
    private static final Path PAGE = Path.of("docs", "configuration.md");

    private static final String HEAD =
            """
            # Configuration

            A YAML file, `conf/anabranch.yaml` or `--config FILE`, in which every value may be left
            out; what the command line sets goes over it (`--set http.port=8081`). `java -jar target/anabranch.jar check-config --config FILE`
            looks for mistakes without starting. In a key `[]` stands for each item of a list, and
            `*` for any name.

            This page is written from the schema that the hub checks a configuration with.

            """;

    /** To write the page anew: {@code mvn test -Dtest=ReferencePageTest -Dpage.write=true}. */
    @Test
    void namesEveryKeyWithItsValuesAndDefault() throws Exception {
        if (Boolean.getBoolean("page.write")) {
            Files.writeString(PAGE, page());
        }
        assertThat(PAGE).hasContent(page());
    }

    private static String page() {
        StringBuilder page = new StringBuilder(HEAD);
        String section = "";
        for (Schema.Key key : Schema.keys()) {
            String own = key.path().split("[.\\[]", 2)[0];
            if (!own.equals(section)) {
                section = own;
                page.append("## ").append(section).append("\n\n");
                page.append("| key | value | default | |\n| --- | --- | --- | --- |\n");
            }
            page.append(row(key)).append(isLastOf(section, key) ? "\n\n" : "\n");
        }
        return page.toString().stripTrailing() + "\n";
    }

    private static boolean isLastOf(String section, Schema.Key key) {
        int next = Schema.keys().indexOf(key) + 1;
        return next < Schema.keys().size()
                && !Schema.keys().get(next).path().split("[.\\[]", 2)[0].equals(section);
    }

    private static String row(Schema.Key key) {
        return "| `%s` | %s | %s | %s |"
                .formatted(
                        key.path(),
                        cell(key.type().expected()),
                        standard(key.standard()),
                        cell(key.description()));
    }

    private static String standard(Object standard) {
        if (standard == null) {
            return "";
        }
        return standard instanceof List<?> list && list.isEmpty()
                ? "`[]`"
                : "`" + cell(String.valueOf(standard)) + "`";
    }

    private static String cell(String text) {
        return text.replace("|", "\\|");
    }
}
