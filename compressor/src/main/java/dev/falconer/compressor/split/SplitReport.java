package dev.falconer.compressor.split;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.falconer.compressor.axes.Analysis.FixedLength;
import java.util.List;
import java.util.Locale;

/** Says what a split saves and what it keeps per user. */
public final class SplitReport {
  private static final long[] SLATES = {64, 256, 1024};
  private static final long HEADLINE = 256;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final SplitModel split;

  /** Reports on a verified split. */
  public SplitReport(SplitModel split) {
    this.split = split;
  }

  /** Returns the saving in a sentence. */
  public String headline() {
    return String.format(
        Locale.ROOT,
        "%.1fx less work at %d candidates with the user's state at hand (%s per user)",
        split.flops().savingOnHit(HEADLINE),
        HEADLINE,
        bytes(split.bytesPerUser()));
  }

  /** Returns a state tensor's lengths, the one that grows by its name. */
  public static String shape(StateTensor tensor) {
    return tensor.lengths().toString();
  }

  /** Returns lines for a terminal, the last one ended. */
  public String text() {
    var text = new StringBuilder();
    if (split.isWhole()) {
      return "served whole: %,.0f operations per candidate, nothing kept per user%n%s"
          .formatted(split.flops().perCandidate(), notes());
    }
    text.append(
        "the user's state: %d tensors, %s per user at %d events%n"
            .formatted(split.state().size(), bytes(split.bytesPerUser()), split.historyMax()));
    for (StateTensor tensor : split.state()) {
      text.append(
          "  %-40s %s %s  %s%n"
              .formatted(
                  tensor.name(),
                  tensor.dtype().name().toLowerCase(Locale.ROOT),
                  tensor.lengths(),
                  bytes(tensor.bytes(split.historyMax()))));
    }
    Flops flops = split.flops();
    double all = flops.unread() + flops.perUser() + flops.perRequest() + flops.perCandidate();
    text.append("work of scoring one candidate by itself, in operations:\n");
    line(text, "read by nobody", flops.unread(), all);
    line(text, "once per user", flops.perUser(), all);
    line(text, "once per request", flops.perRequest(), all);
    line(text, "per candidate", flops.perCandidate(), all);
    text.append("predicted saving with the state at hand:");
    for (long candidates : SLATES) {
      text.append(
          String.format(Locale.ROOT, "  %.1fx at %d", flops.savingOnHit(candidates), candidates));
    }
    text.append(" candidates\n");
    text.append(
        split.growth().supported()
            ? "a longer history continues the state\n"
            : "a longer history is encoded from its start: " + split.growth().reason() + "\n");
    return text.append(notes()).toString();
  }

  private String notes() {
    var text = new StringBuilder();
    split.fixed().forEach(length -> text.append(fixed(length)).append('\n'));
    split.notes().forEach(note -> text.append(note).append('\n'));
    text.append(
        String.format(
            Locale.ROOT,
            split.isWhole()
                ? "largest score difference of a candidate alone and among others: %.1e%n"
                : "largest score difference to the whole model: %.1e%n",
            split.maxError()));
    return text.toString();
  }

  /** Returns a sentence on a length that an operator binds. */
  static String fixed(FixedLength length) {
    return length.value().isInteger()
        ? "length \"%s\" is fixed to %s by node \"%s\", as it was exported"
            .formatted(length.length(), length.value(), length.node())
        : "length \"%s\" is %s: they meet in node \"%s\""
            .formatted(length.length(), length.value(), length.node());
  }

  private static void line(StringBuilder text, String what, double flops, double all) {
    text.append(
        String.format(
            Locale.ROOT,
            "  %-18s %,15.0f  %5.1f %%%n",
            what,
            flops,
            100 * flops / Math.max(1, all)));
  }

  /** Returns a number of bytes for readers. */
  public static String bytes(long bytes) {
    return bytes < 10_000
        ? bytes + " B"
        : bytes < 10_000_000 ? bytes / 1000 + " kB" : bytes / 1_000_000 + " MB";
  }

  /** Returns the same as a JSON object. */
  public String json() {
    ObjectNode root = JSON.createObjectNode();
    var state = root.putArray("state");
    for (StateTensor tensor : split.state()) {
      ObjectNode node = state.addObject();
      node.put("name", tensor.name());
      node.put("dtype", tensor.dtype().name());
      var shape = node.putArray("shape");
      tensor.shape().forEach(shape::add);
      node.put("history_extra", tensor.historyExtra());
      node.put("bytes", tensor.bytes(split.historyMax()));
    }
    root.put("bytes_per_user", split.bytesPerUser());
    root.put("history_min", split.historyMin());
    root.put("history_max", split.historyMax());
    Flops flops = split.flops();
    root.putObject("flops")
        .put("unread", flops.unread())
        .put("per_user", flops.perUser())
        .put("per_request", flops.perRequest())
        .put("per_candidate", flops.perCandidate());
    ObjectNode saving = root.putObject("predicted_saving");
    for (long candidates : SLATES) {
      saving.put(Long.toString(candidates), flops.savingOnHit(candidates));
    }
    root.put("share_saved", flops.shareSaved());
    ObjectNode growth = root.putObject("growth");
    growth.put("supported", split.growth().supported()).put("reason", split.growth().reason());
    root.put("max_error", split.maxError());
    addAll(root, "notes", split.notes());
    var fixed = root.putArray("fixed");
    for (FixedLength length : split.fixed()) {
      fixed
          .addObject()
          .put("length", length.length())
          .put("value", length.value().toString())
          .put("node", length.node());
    }
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("numbers and names always have JSON", e);
    }
  }

  private static void addAll(ObjectNode root, String key, List<String> lines) {
    var array = root.putArray(key);
    lines.forEach(array::add);
  }
}
