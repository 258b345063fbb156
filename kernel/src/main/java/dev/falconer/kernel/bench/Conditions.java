package dev.falconer.kernel.bench;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import dev.falconer.kernel.Isa;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What figures hold for.
 *
 * @param most cap of our kernels
 * @param kernels what the native ones are, or why there are none
 * @param peaks where the peaks come from
 */
record Conditions(Processor processor, Isa most, String kernels, String peaks, int rounds) {
  private boolean isComparable() {
    return !processor.isCapped(most);
  }

  /** Prints a line each. */
  void print(PrintWriter text) {
    text.printf("%s, one thread, medians of %d turns%n", processor, rounds);
    text.println(kernels);
    if (!isComparable()) {
      text.printf(
          "NOT COMPARABLE with a processor of %s alone: %s caps our kernels, and no setting caps"
              + " ONNX Runtime, which uses all of this one's. Shares of the peak, which is that of"
              + " %s, are.%n",
          most, Isa.VARIABLE, most);
    }
  }

  /** Writes results beside a file, and moves them there. */
  void write(Path file, List<Result> results) throws IOException {
    String lines = results.stream().map(Result::json).collect(Collectors.joining(",\n  "));
    String all =
        """
        {"cpu": %s, "kernels": %s, "cap": %s, "comparable": %s, "peaks": %s, "rounds": %d,
        "results": [
          %s
        ]}
        """
            .formatted(
                quoted(processor.toString()),
                quoted(kernels),
                quoted(most.toString()),
                isComparable(),
                quoted(peaks),
                rounds,
                lines);
    Path beside = file.resolveSibling(file.getFileName() + ".partial");
    Files.writeString(beside, all);
    Files.move(beside, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String quoted(String text) throws InvalidProtocolBufferException {
    return JsonFormat.printer().print(Value.newBuilder().setStringValue(text));
  }
}
