package io.anabranch.bench;

/** A report as one page. */
public final class HtmlReport {
    private HtmlReport() {}

    public static String of(Report report) {
        return "<!doctype html>" + report.hub();
    }
}
