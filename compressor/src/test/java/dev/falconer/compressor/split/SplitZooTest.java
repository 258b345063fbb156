package dev.falconer.compressor.split;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.fixture.MeasuredData;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.onnx.Runner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Rankers as PyTorch exports them: by TorchScript at opset 11 and 17, by dynamo at 18 and 23. Each
 * is split and checked against the whole, or refused with the code that is true of it. The files
 * lie in {@code onnx/split-zoo} of the measured data.
 */
class SplitZooTest {
  private static final Runner.Factory RUNNERS = OrtRunner.factory(1);
  private static final long HISTORY = 20;

  /** Least share of the work, in percent at 20 events, that is not paid per candidate. */
  private static final Map<String, Integer> SPLIT =
      Map.ofEntries(
          Map.entry("Append", 95),
          Map.entry("AppendX", 92),
          Map.entry("AvgPool", 67),
          Map.entry("BST2", 87),
          Map.entry("BST2b", 51),
          Map.entry("BST2b_ts17", 45),
          Map.entry("DCN2", 21),
          Map.entry("DINrep", 67),
          Map.entry("DINs", 67),
          Map.entry("DLRM", 66),
          Map.entry("EmbBag", 91),
          Map.entry("GRU4", 95),
          Map.entry("HSTU", 94),
          Map.entry("LSTM4", 96),
          Map.entry("MMoE", 62),
          Map.entry("SDPA", 90),
          Map.entry("SIM", 0));

  private static final Map<String, String> REFUSED =
      Map.of(
          "CenterB", "mixes-rows: node ReduceMean",
          "ConcatFusion", "no-gain: node MatMul",
          "SetWise", "mixes-rows: node MatMul",
          "SoftB", "mixes-rows: node Softmax");

  @Test
  void everyExportIsSplitOrRefusedForItsReason() throws IOException {
    var wrong = new ArrayList<String>();
    var shares = new TreeMap<String, String>();
    for (Path file : files()) {
      String name = file.getFileName().toString().replace(".onnx", "");
      String family = name.substring(0, name.indexOf('_'));
      String outcome = outcome(file);
      shares.put(name, outcome);
      if (SPLIT.containsKey(family)) {
        int least = SPLIT.getOrDefault(name, SPLIT.get(family));
        boolean enough =
            outcome.startsWith("split ") && Integer.parseInt(outcome.substring(6)) >= least;
        if (!enough) {
          wrong.add(name + ": " + outcome + ", wanted split " + least);
        }
      } else if (REFUSED.containsKey(family) && !outcome.equals(REFUSED.get(family))) {
        wrong.add(name + ": " + outcome + ", wanted " + REFUSED.get(family));
      }
    }
    shares.forEach((name, outcome) -> System.out.println(name + " " + outcome));
    assertEquals(List.of(), wrong);
    assertEquals(74, shares.size());
  }

  private static String outcome(Path file) throws IOException {
    Model model = OnnxReader.read(file);
    var roles = new HashMap<String, Role>();
    model
        .graph()
        .inputs()
        .forEach(input ->
            roles.put(input.name(), input.name().equals("item_id") ? Role.CANDIDATE : Role.USER));
    try {
      SplitModel split =
          new Splitter(RUNNERS)
              .split(model, new Roles(roles), Splitter.Options.DEFAULT.withHistoryMax(HISTORY));
      return "split " + Math.round(Math.floor(100 * split.flops().shareSaved()));
    } catch (SplitRefusal refusal) {
      return refusal.code().text() + ": node " + refusal.operator();
    }
  }

  private static List<Path> files() throws IOException {
    try (var files = Files.list(MeasuredData.of("onnx/split-zoo"))) {
      return files.filter(file -> file.toString().endsWith(".onnx")).sorted().toList();
    }
  }
}
