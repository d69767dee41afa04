package io.anabranch.bench;

import static org.assertj.core.api.Assertions.assertThat;

import io.anabranch.testing.TestHub;
import io.vertx.core.json.JsonObject;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class HtmlReportTest {
    @RegisterExtension final TestHub hub = new TestHub();

    @Test
    void saysTheSameInAllForms() {
        Report report = Runs.run(hub, Runs.settings(4, "mix"));
        String page = HtmlReport.of(report);
        String text = TextReport.of(report);
        JsonObject json = JsonReport.of(report);

        String accepted = Words.count(report.messages().accepted());
        assertThat(text).contains(accepted + " of " + accepted + " accepted", "nothing lost");
        assertThat(page).contains(">" + accepted + "<", "Nothing lost");
        assertThat(json.getJsonObject("messages").getLong("accepted"))
                .isEqualTo(report.messages().accepted());
        assertThat(json.getBoolean("passed")).isTrue();
        assertThat(json.getJsonObject("latencyMicros").getLong("p99"))
                .isEqualTo(report.latency().at(99));
        assertThat(json.getJsonObject("hubProcess").getDouble("cores")).isPositive();
    }

    @Test
    void needsNothingElseThanThePage() {
        String page = HtmlReport.of(Runs.run(hub, Runs.settings(2, "sse")));

        assertThat(page).doesNotContain("<script", "<link", "<img", "@import", "url(", "NaN");
        assertThat(Pattern.compile("<svg").matcher(page).results().count()).isEqualTo(3);
        assertThat(page).contains("prefers-color-scheme: dark");
    }

    @Test
    void showsMarkupAsText() {
        assertThat(HtmlReport.escaped("<b a='1' c=\"2\">&"))
                .isEqualTo("&lt;b a=&#39;1&#39; c=&quot;2&quot;>&amp;");
    }
}
