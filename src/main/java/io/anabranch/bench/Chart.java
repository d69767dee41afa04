package io.anabranch.bench;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * A line chart as SVG.
 *
 * @param title for those who do not see it
 * @param size its width, in the units of its text
 */
record Chart(String title, int size, Axis x, String xName, Axis y, String yName, List<Line> lines) {
    private static final int HEIGHT = 270;
    private static final int LEFT = 52;
    private static final int RIGHT = 22;
    private static final int TOP = 30;
    private static final int BOTTOM = 42;

    record Point(double x, double y) {}

    /**
     * @param style the CSS class that gives the colour
     * @param filled down to the x axis
     * @param marks points that are named beside the line
     */
    record Line(String style, boolean filled, List<Point> points, List<Mark> marks) {}

    record Mark(Point at, String words) {}

    String svg() {
        StringBuilder svg = new StringBuilder();
        svg.append(
                "<svg viewBox='0 0 %d %d' class='%s' role='img' aria-label='%s'>\n"
                        .formatted(
                                size, HEIGHT, size > 600 ? "wide" : "", HtmlReport.escaped(title)));
        grid(svg);
        lines.forEach(line -> line(svg, line));
        lines.forEach(line -> marks(svg, line));
        return svg.append("</svg>\n").toString();
    }

    private void grid(StringBuilder svg) {
        for (int i = 0; i < y.ticks().size(); i++) {
            double at = down(y.ticks().get(i));
            svg.append(
                    format(
                            "<path class='grid' d='M%d %.1fH%d'/><text x='%d' y='%.1f'"
                                    + " text-anchor='end'>%s</text>\n",
                            LEFT, at, size - RIGHT, LEFT - 8, at + 4, y.labels().get(i)));
        }
        for (int i = 0; i < x.ticks().size(); i++) {
            double at = across(x.ticks().get(i));
            svg.append(
                    format(
                            "<path class='grid' d='M%.1f %dv5'/><text x='%.1f' y='%d'"
                                    + " text-anchor='middle'>%s</text>\n",
                            at, HEIGHT - BOTTOM, at, HEIGHT - BOTTOM + 20, x.labels().get(i)));
        }
        svg.append(
                format(
                        "<text class='name' x='%d' y='14'>%s</text><text class='name' x='%d'"
                                + " y='%d' text-anchor='end'>%s</text>\n",
                        0, yName, size - RIGHT, HEIGHT - 4, xName));
    }

    private void line(StringBuilder svg, Line line) {
        if (line.points().isEmpty()) {
            return;
        }
        String path =
                line.points().stream()
                        .map(point -> format("%.1f %.1f", across(point.x()), down(point.y())))
                        .collect(Collectors.joining("L", "M", ""));
        svg.append("<g class='").append(line.style()).append("'>");
        if (line.filled()) {
            double first = across(line.points().get(0).x());
            double last = across(line.points().get(line.points().size() - 1).x());
            int bottom = HEIGHT - BOTTOM;
            svg.append(
                    format(
                            "<path class='area' d='%sL%.1f %dL%.1f %dZ'/>",
                            path, last, bottom, first, bottom));
        }
        svg.append("<path class='series' d='").append(path).append("'/></g>\n");
    }

    private void marks(StringBuilder svg, Line line) {
        for (Mark mark : line.marks()) {
            double at = across(mark.at().x());
            double height = down(mark.at().y());
            svg.append(
                    format(
                            "<g class='%s'><circle class='dot' cx='%.1f' cy='%.1f' r='5'/></g>"
                                    + "<text class='mark' x='%.1f' y='%.1f'"
                                    + " text-anchor='end'>%s</text>\n",
                            line.style(),
                            at,
                            height,
                            at - 4,
                            height - 10,
                            HtmlReport.escaped(mark.words())));
        }
    }

    private double across(double value) {
        return LEFT + x.at(value) * (size - LEFT - RIGHT);
    }

    private double down(double value) {
        return TOP + (1 - y.at(value)) * (HEIGHT - TOP - BOTTOM);
    }

    private static String format(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
