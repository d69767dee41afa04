package io.anabranch.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** The page of all routes says what the description of the interface says. */
class RestPageTest {
    private static final Path PAGE = Path.of("docs", "rest.md");

    /** To write the page anew: {@code mvn test -Dtest=RestPageTest -Dpage.write=true}. */
    @Test
    void tellsEveryRoute() throws Exception {
        String page = new RestPage().written();
        if (Boolean.getBoolean("page.write")) {
            Files.writeString(PAGE, page);
        }
        assertThat(PAGE).hasContent(page);
    }
}
