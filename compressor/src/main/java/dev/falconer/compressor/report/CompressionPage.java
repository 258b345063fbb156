package dev.falconer.compressor.report;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A compression as one HTML page that needs no network. */
public final class CompressionPage {
  private CompressionPage() {}

  /** Returns the page. */
  public static String text(CompressionReport report) {
    return """
    <!doctype html>
    <html lang="en"><meta charset="utf-8"><title>%1$s, compressed</title>
    <style>
    body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 70rem;
           padding: 0 1rem; color: #1c2733; background: #fff }
    table { border-collapse: collapse; width: 100%%; margin: .5rem 0 2rem }
    th, td { text-align: left; padding: .3rem .6rem; border-bottom: 1px solid #d8dee6 }
    th { font-weight: 600; color: #516071 }
    td.number, th.number, td.shape { white-space: nowrap }
            td.number, th.number { text-align: right; font-variant-numeric: tabular-nums }
    td.bar { width: 30%% } td.bar i { display: block; height: .7rem; background: #c05621 }
    code, pre { font: 13px/1.45 ui-monospace, monospace }
    pre { background: #f4f6f8; padding: .8rem; overflow: auto }
    .faster { color: #17693a; font-weight: 600 } .worse { color: #b3261e; font-weight: 600 }
    </style>
    <h1>%1$s, compressed</h1>
    <p>Times of one call in ONNX Runtime, one thread, on %2$s. Errors of outputs are
    ||y &minus; dense||&sup2; / ||dense||&sup2; on examples held out from calibration.</p>
    <h2>Steps</h2>
    <table><tr><th>step<th class="number">bytes<th class="number">ms<th class="number">speed-up [95 %%]<th>output error<th>verdict
    %3$s</table>
    %4$s
    <h2>Layers</h2>
    <p>Error: share of the energy of the layer's dense outputs that is lost on the calibration
    rows; bars are on a logarithmic scale from 1e-6 to 1.</p>
    <table><tr><th>layer<th>[out, in]<th>what<th class="number">density<th class="number">error
    <th class="number">rows<th class="number">s<th>
    %5$s</table>
    %6$s
    <h2>Plan</h2><pre>%7$s</pre>
    </html>
    """
        .formatted(
            escaped(report.model()),
            escaped(report.cpu()),
            steps(report.steps()),
            report.target().map(each -> "<p>" + escaped(each.text()) + "</p>\n").orElse("")
                + report
                    .speed()
                    .map(each -> "<h2>Speed</h2><pre>" + escaped(each.text()) + "</pre>\n")
                    .orElse("")
                + quality(report.quality()),
            layers(report.layers()),
            left(report.left()),
            escaped(report.plan()));
  }

  private static String steps(List<StepReport> steps) {
    var rows = new StringBuilder();
    for (int i = 0; i < steps.size(); i++) {
      StepReport step = steps.get(i);
      var errors = new StringBuilder();
      step.errors()
          .forEach((output, error) ->
              errors.append(
                  String.format(Locale.ROOT, "<code>%s</code> %.2e<br>", escaped(output), error)));
      String verdict =
          i == 0
              ? "<td>"
              : switch (step.against(steps.get(i - 1))) {
                    case FASTER -> "<td class=\"faster\">";
                    case WORSE -> "<td class=\"worse\">";
                    case SMALLER_ONLY, NEITHER -> "<td>";
                  }
                  + step.against(steps.get(i - 1)).text();
      rows.append(
          String.format(
              Locale.ROOT,
              "<tr><td>%s<td class=\"number\">%,d<td class=\"number\">%.3f"
                  + "<td class=\"number\">%s<td>%s%s%n",
              escaped(step.name()),
              step.bytes(),
              step.time().millis(),
              i == 0 ? "" : step.speedup(),
              errors,
              verdict));
    }
    return rows.toString();
  }

  private static String quality(Map<String, ObjectNode> quality) {
    if (quality.isEmpty()) {
      return "";
    }
    var rows = new StringBuilder("<h2>Quality on held-out labels</h2><table><tr><th>step<th>task");
    rows.append("<th class=\"number\">AUC<th>95 %<th class=\"number\">NE<th>95 %\n");
    quality.forEach((step, tasks) ->
        tasks
            .properties()
            .forEach(task ->
                rows.append(
                    "<tr><td>%s<td>%s<td class=\"number\">%s<td>%s<td class=\"number\">%s<td>%s%n"
                        .formatted(
                            escaped(step),
                            escaped(task.getKey()),
                            number(task.getValue().path("auc").asDouble(Double.NaN)),
                            escaped(task.getValue().path("auc_ci").toString()),
                            number(task.getValue().path("ne").asDouble(Double.NaN)),
                            escaped(task.getValue().path("ne_ci").toString())))));
    return rows.append("</table>").toString();
  }

  private static String number(double value) {
    return Double.isNaN(value) ? "" : String.format(Locale.ROOT, "%.4f", value);
  }

  private static String layers(List<LayerReport> layers) {
    var rows = new StringBuilder();
    for (LayerReport layer : layers) {
      double width = 100 * Math.clamp((Math.log10(layer.relativeError() + 1e-12) + 6) / 6, 0, 1);
      rows.append(
          String.format(
              Locale.ROOT,
              "<tr><td><code>%s</code><td class=\"shape\">[%d, %d]<td>%s<td class=\"number\">%.3f"
                  + "<td class=\"number\">%.2e<td class=\"number\">%,d<td class=\"number\">%.2f"
                  + "<td class=\"bar\"><i style=\"width:%.1f%%\"></i>%n",
              escaped(layer.layer()),
              layer.out(),
              layer.in(),
              escaped(layer.what()),
              layer.density(),
              layer.relativeError(),
              layer.rows(),
              layer.seconds(),
              width));
    }
    return rows.toString();
  }

  private static String left(Map<String, String> left) {
    if (left.isEmpty()) {
      return "";
    }
    var rows = new StringBuilder("<h2>Left dense</h2><table><tr><th>layer<th>why\n");
    left.forEach((layer, why) ->
        rows.append("<tr><td><code>%s</code><td>%s%n".formatted(escaped(layer), escaped(why))));
    return rows.append("</table>").toString();
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }
}
