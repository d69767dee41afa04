package comparison;

import java.util.Arrays;
import java.util.List;

/** A bar for each server's median in each row, with a line from the least to the greatest value. */
final class Picture {
    private static final int WIDTH = 780;
    private static final int LABEL = 170;
    private static final int BARS = 480;
    private static final int LINE = 20;
    private static final int TITLE = 44;
    private static final String OURS = "#0b7285";
    private static final String THEIRS = "#adb5bd";

    private final Results results;
    private final StringBuilder svg = new StringBuilder();
    private int y;

    Picture(Results results) {
        this.results = results;
    }

    String svg() {
        Row.ALL.forEach(this::row);
        return String.format(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %1$d %2$d\" width=\"%1$d\""
                        + " height=\"%2$d\" font-family=\"sans-serif\" font-size=\"13\">%n"
                        + "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>%n%3$s</svg>%n",
                WIDTH, y + LINE, svg);
    }

    private void row(Row row) {
        List<String> servers = List.copyOf(results.servers(row.name()));
        if (servers.isEmpty()) {
            return;
        }
        double greatest =
                servers.stream()
                        .flatMap(server -> results.values(row.name(), server).stream())
                        .mapToDouble(Double::doubleValue)
                        .max()
                        .orElse(1);
        y += TITLE;
        text(10, y - 10, "font-weight=\"bold\"", row.title());
        y += LINE - 6;
        text(10, y - 10, "fill=\"#495057\" font-size=\"11\"", row.unit() + better(row));
        for (String server : servers) {
            bar(row, server, BARS / Math.max(greatest, 1e-9));
        }
    }

    private static String better(Row row) {
        return row.more() ? " (more is better)" : " (less is better)";
    }

    private void bar(Row row, String server, double scale) {
        List<Double> values = results.values(row.name(), server).stream().sorted().toList();
        double median = results.median(row.name(), server).orElseThrow();
        String colour = isOurs(server) ? OURS : THEIRS;
        text(10, y + 12, "", server);
        rectangle(LABEL, y, Math.max(median * scale, 1), LINE - 5, colour);
        double least = LABEL + values.get(0) * scale;
        double most = LABEL + values.get(values.size() - 1) * scale;
        rectangle(least, y + 7, Math.max(most - least, 1), 1, "#212529");
        text((int) Math.max(most, LABEL + median * scale) + 8, y + 12, "", Report.number(median));
        y += LINE;
    }

    private static boolean isOurs(String server) {
        return Arrays.stream(Peer.values())
                .anyMatch(peer -> peer.isOurs() && peer.toString().equals(server));
    }

    private void rectangle(double x, int top, double width, int height, String colour) {
        svg.append(
                String.format(
                        "<rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"%s\"/>%n",
                        x, top, width, height, colour));
    }

    private void text(int x, int baseline, String attributes, String content) {
        svg.append(
                String.format(
                        "<text x=\"%d\" y=\"%d\" %s>%s</text>%n",
                        x,
                        baseline,
                        attributes,
                        content.replace("&", "&amp;").replace("<", "&lt;")));
    }
}
