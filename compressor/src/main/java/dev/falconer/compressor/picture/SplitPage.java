package dev.falconer.compressor.picture;

import dev.falconer.compressor.split.Drawing;
import dev.falconer.compressor.split.Drawing.Box;
import dev.falconer.compressor.split.Drawing.Kind;
import dev.falconer.compressor.split.Drawing.Side;
import dev.falconer.compressor.split.Flops;
import dev.falconer.compressor.split.SplitModel;
import dev.falconer.compressor.split.SplitReport;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** A split as one HTML page: what it saves, the state it keeps, and the graph coloured by payer. */
public final class SplitPage {
  private static final double BOX_HEIGHT = 38;
  private static final double LETTER = 6.7;
  private static final double PADDING = 30;
  private static final int LONGEST = 30;
  private static final Pattern PART = Pattern.compile("\\{\\{(\\w+)}}");

  private SplitPage() {}

  /**
   * Returns the page.
   *
   * @param model name shown in the title
   * @param split verified
   */
  public static String text(String model, SplitModel split, Drawing drawing) throws IOException {
    var report = new SplitReport(split);
    Map<String, String> parts =
        Map.of(
            "css", resource("page.css"),
            "js", resource("page.js"),
            "model", escaped(model),
            "saving", report.headline(),
            "sums", sums(split.flops()),
            "state", state(split),
            "report", escaped(report.text()),
            "graph", graph(drawing));
    return PART.matcher(resource("page.html"))
        .replaceAll(part -> Matcher.quoteReplacement(parts.getOrDefault(part.group(1), "")));
  }

  private static String sums(Flops flops) {
    double all = flops.unread() + flops.perUser() + flops.perRequest() + flops.perCandidate();
    return bar("once per user", "user", flops.perUser(), all)
        + bar("once per request", "request", flops.perRequest(), all)
        + bar("per candidate", "candidate", flops.perCandidate(), all)
        + bar("read by nobody", "unread", flops.unread(), all);
  }

  private static String bar(String what, String side, double operations, double all) {
    double percent = 100 * operations / Math.max(1, all);
    return String.format(
        Locale.ROOT,
        "<tr><td>%s</td><td class=\"number\">%,.0f</td><td class=\"number\">%.1f %%</td>"
            + "<td class=\"bar\"><i class=\"%s\" style=\"width:%.2f%%\"></i></td></tr>%n",
        what,
        operations,
        percent,
        side,
        percent);
  }

  private static String state(SplitModel split) {
    return split.state().stream()
        .map(tensor ->
            "<tr><td><code>%s</code></td><td>%s</td><td>%s</td><td class=\"number\">%s</td></tr>%n"
                .formatted(
                    escaped(tensor.name()),
                    tensor.dtype().name().toLowerCase(Locale.ROOT),
                    escaped(SplitReport.shape(tensor)),
                    SplitReport.bytes(tensor.bytes(split.historyMax()))))
        .collect(Collectors.joining());
  }

  private static String graph(Drawing drawing) {
    GraphLayout layout = GraphLayout.of(drawing, SplitPage::width, BOX_HEIGHT);
    var svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg id=\"graph\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %.0f %.0f\""
                + " width=\"%.0f\" height=\"%.0f\" role=\"img\" aria-label=\"the graph\">%n",
            layout.width(),
            layout.height(),
            layout.width(),
            layout.height()));
    svg.append(
        "<defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\""
            + " markerHeight=\"7\" orient=\"auto\"><path d=\"M0 0L8 4L0 8z\"/></marker></defs>\n");
    for (int i = 0; i < drawing.arrows().size(); i++) {
      svg.append(arrow(drawing.arrows().get(i), layout.arrows().get(i)));
    }
    for (Box box : drawing.boxes()) {
      svg.append(box(box, layout.boxes().get(box.id())));
    }
    return svg.append("</svg>\n").toString();
  }

  private static double width(Box box) {
    int letters = Math.max(shortened(box.title()).length(), shortened(box.shape()).length());
    return Math.max(74, letters * LETTER + PADDING);
  }

  private static String arrow(Drawing.Arrow arrow, List<GraphLayout.Point> line) {
    String points =
        line.stream()
            .map(point -> String.format(Locale.ROOT, "%.1f,%.1f", point.x(), point.y()))
            .collect(Collectors.joining(" "));
    return "<polyline class=\"arrow\" data-from=\"%d\" data-to=\"%d\" points=\"%s\"><title>%s</title></polyline>%n"
        .formatted(arrow.from(), arrow.to(), points, escaped(arrow.tensor()));
  }

  private static String box(Box box, GraphLayout.Place place) {
    double middle = place.x() + place.width() / 2;
    double radius = box.kind() == Kind.OPERATOR ? 5 : place.height() / 2;
    return String.format(
        Locale.ROOT,
        "<g class=\"box %s\" data-id=\"%d\"><title>%s</title>"
            + "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"%.1f\"/>"
            + "<text x=\"%.1f\" y=\"%.1f\">%s</text>"
            + "<text class=\"shape\" x=\"%.1f\" y=\"%.1f\">%s</text></g>%n",
        box.side().name().toLowerCase(Locale.ROOT),
        box.id(),
        escaped(tooltip(box)),
        place.x(),
        place.y(),
        place.width(),
        place.height(),
        radius,
        middle,
        place.y() + (box.shape().isEmpty() ? 23 : 16),
        escaped(shortened(box.title())),
        middle,
        place.y() + 30,
        escaped(shortened(box.shape())));
  }

  private static String tooltip(Box box) {
    String kind =
        switch (box.kind()) {
          case INPUT -> "input " + box.name();
          case OUTPUT -> "output " + box.name();
          case STATE -> "state " + box.name();
          case OPERATOR -> box.title() + " \"" + box.name() + "\"";
        };
    String payer =
        switch (box.side()) {
          case USER -> "once per user";
          case FRONTIER -> "kept per user";
          case REQUEST -> "once per request";
          case CANDIDATE -> "per candidate";
          case UNREAD -> "read by nobody, left out";
        };
    String shape = box.shape().isEmpty() ? "" : "\nshape " + box.shape();
    String operations =
        box.kind() == Kind.OPERATOR && box.side() != Side.UNREAD
            ? String.format(Locale.ROOT, "%n%,.0f operations, %s", box.operations(), payer)
            : "\n" + payer;
    return kind + shape + operations;
  }

  private static String shortened(String text) {
    return text.length() <= LONGEST
        ? text
        : text.substring(0, LONGEST / 2 - 1) + "…" + text.substring(text.length() - LONGEST / 2);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = SplitPage.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException("the class path lacks " + name);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
