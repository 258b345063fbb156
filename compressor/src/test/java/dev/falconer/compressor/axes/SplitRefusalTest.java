package dev.falconer.compressor.axes;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.axes.SplitRefusal.Code;
import dev.falconer.compressor.onnx.Node;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SplitRefusalTest {
  @Test
  void isOneLineWithTheModelsOwnSourceLine() {
    String trace =
        """
        File "/models/ranker.py", line 12, in forward
            h = self.gru(self.item(hist))
          File "/usr/lib/python3/site-packages/torch/nn/modules/rnn.py", line 1440, in forward
            result = _VF.gru(
        """;
    Node node =
        new Node(
            "gru",
            "",
            "GRU",
            List.of("x"),
            List.of("y"),
            Map.of(),
            Map.of("pkg.torch.onnx.stack_trace", trace));

    var refusal = new SplitRefusal(Code.RANDOM, node, 1, "two\n  lines", "do that");

    assertEquals(
        "random: node \"gru\" (GRU), axis 1: two lines; do that: model.eval() before"
            + " torch.onnx.export(...) [/models/ranker.py:12: h = self.gru(self.item(hist))]",
        refusal.getMessage());
  }

  @Test
  void aTraceOfAnotherFormIsPrintedOnOneLine() {
    Node node =
        new Node(
            "n",
            "",
            "If",
            List.of(),
            List.of("y"),
            Map.of(),
            Map.of("pkg.torch.onnx.stack_trace", "somewhere\nelse"));

    var refusal = new SplitRefusal(Code.MIXES_ROWS, node, -1, "r", "f");

    assertTrue(refusal.getMessage().endsWith("r; f [somewhere else]"), refusal.getMessage());
  }
}
