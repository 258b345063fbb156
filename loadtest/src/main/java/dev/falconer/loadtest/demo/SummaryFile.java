package dev.falconer.loadtest.demo;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** summary.json: the demo's figures for programs to read; its form is kept stable. */
final class SummaryFile {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  private SummaryFile() {}

  /** Writes the file beside its place and moves it there, so that it is whole or absent. */
  static void write(Path file, Results results) throws IOException {
    var beside = file.resolveSibling(file.getFileName() + ".part");
    Files.writeString(beside, JSON.writeValueAsString(tree(results)) + "\n");
    Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static ObjectNode tree(Results results) {
    var root = JSON.createObjectNode();
    root.put("surface", results.surface());
    root.put("data", results.data());
    results.teacher().write(root.putObject("teacher"));
    results.student().write(root.putObject("student"));
    var fusion = root.putObject("fusion");
    form(fusion.putObject("append"), results.append());
    form(fusion.putObject("concat"), results.concat());
    form(fusion.putObject("none"), results.none());
    var popularity = results.student().tasks().get(results.student().task()).node();
    root.set("popularity_auc", popularity.get("popularity_auc"));
    root.set("latency_ms", results.latency());
    root.put("server_overhead_us", Math.round(results.overheadMicros() * 10) / 10.0);
    var seconds = root.putObject("seconds");
    results.seconds().forEach((step, time) -> seconds.put(step, Math.round(time * 10) / 10.0));
    return root;
  }

  private static void form(ObjectNode node, Results.Fusion form) {
    form.quality().write(node);
    node.set("config", form.config());
    node.set("steps", form.training().get("steps"));
    node.set("training", form.training());
  }
}
