package dev.falconer.compressor.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.compressor.data.NpyFile;
import dev.falconer.compressor.onnx.DType;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.solver.Decomposition;
import dev.falconer.compressor.solver.Gptq;
import dev.falconer.compressor.solver.GridFit;
import dev.falconer.compressor.solver.LayerProblem;
import dev.falconer.compressor.solver.Matrix;
import dev.falconer.compressor.solver.Pattern;
import dev.falconer.compressor.solver.RankChoice;
import dev.falconer.compressor.solver.TensorDevice;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Compresses one weight matrix by one method. */
@Command(
    name = "solve",
    mixinStandardHelpOptions = true,
    description = {
      "Compresses one linear map's weight W [out, in] for inputs X [n, in] of gram H = X'X [in, in],"
          + " and prints one line of JSON: relative_error = tr((W-V)H(W-V)')/tr(WHW') in float64 on"
          + " the undamped H, nnz, seconds (CPU seconds of the solver's thread, inputs loaded),"
          + " iterations. With --rank, V = S + B A and nnz is that of S."
    },
    footer = {
      "",
      "Example (W.npy, H.npy by numpy.save):",
      "  falconer solve --weight W.npy --gram H.npy --solver alps --pattern 2:4 --out V.npy",
      "  falconer solve --weight W.npy --gram H.npy --solver gptq+cd --bits 4 --out V.npy"
    })
final class SolveCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final int WRONG_INPUT = 2;

  @Option(
      names = "--weight",
      required = true,
      paramLabel = "FILE",
      description = "W [out, in], npy")
  Path weight = Path.of("");

  @Option(names = "--gram", required = true, paramLabel = "FILE", description = "H [in, in], npy")
  Path gram = Path.of("");

  @Option(names = "--solver", required = true, description = LayerMethod.NAMES)
  String solver = "";

  @Option(
      names = "--pattern",
      description =
          "2:4, 70%%, 70%%row, 70%%layer, 8:16t, panel16@0.25, panel16x4@0.25 or block4x8@0.25")
  @Nullable String pattern;

  @Option(names = "--samples", paramLabel = "N", description = "rows behind H, if known")
  long samples;

  @Option(names = "--paper", description = "published constants instead of the better ones found")
  boolean paper;

  @Option(names = "--polish", description = "exchange single weights at the end (alps)")
  boolean polish;

  @Option(
      names = "--damping",
      paramLabel = "P",
      description = "ridge relative to the mean of H's diagonal (default: the solver's)")
  @Nullable Double damping;

  @Option(
      names = "--rank",
      paramLabel = "R",
      description =
          "rank of B A beside the sparse part, or the share of W's numbers that both together save,"
              + " such as 40%% (hassle-free-*)")
  @Nullable String rank;

  @Option(names = "--thorough", description = "lower error, longer (hassle-free-alps)")
  boolean thorough;

  @Option(
      names = "--bits",
      paramLabel = "B",
      description =
          "2 to 8, rounds the weights that stay: rtn, gptq, quantease, gptq+cd; after magnitude,"
              + " wanda, alps; within sparsegpt")
  @Nullable Integer bits;

  @Option(
      names = "--group",
      defaultValue = "0",
      paramLabel = "N",
      description = "inputs that share a scale; 0 for one scale an output (default)")
  int group;

  @Option(
      names = "--grid",
      paramLabel = "SEARCH",
      description = "minmax, or mse: shrunk to the least error^2.4 (default: the solver's)")
  @Nullable String grid;

  @Option(
      names = "--act-order",
      negatable = true,
      description = "inputs of largest norm first (gptq; gptq+cd's default)")
  @Nullable Boolean actOrder;

  @Option(
      names = "--sparse",
      paramLabel = "FILE",
      description = "S [out, in] of S + B A, npy (hassle-free-*)")
  @Nullable Path sparse;

  @Option(
      names = "--factors",
      arity = "2",
      paramLabel = "FILE",
      description = "B [out, r] and A [r, in], npy (hassle-free-*)")
  List<Path> factors = List.of();

  @Option(
      names = "--device",
      defaultValue = "cpu",
      paramLabel = "DEVICE",
      description = "for products of matrices: cpu (default), or cuda with a GPU build of libtorch")
  String device = TensorDevice.CPU.name();

  @Option(
      names = "--repeat",
      defaultValue = "1",
      paramLabel = "N",
      description =
          "solve N times; warm_seconds is the last run's time; fast solvers are warm after ten"
              + " (default 1)")
  int repeat = 1;

  @Option(names = "--out", required = true, paramLabel = "FILE", description = "V [out, in], npy")
  Path out = Path.of("");

  @Option(names = "--mask", paramLabel = "FILE", description = "which weights are kept, npy")
  @Nullable Path mask;

  /** Asked for what is left. */
  MachineMemory machine = MachineMemory.here();

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    LayerMethod method;
    LayerProblem problem;
    TensorDevice place;
    DType type;
    try {
      method = LayerMethod.of(solver, settings());
      place = TensorDevice.parse(device);
      Pattern zeros = zeros(method);
      NumericTensor weights = NpyMatrix.read("weight", weight);
      NumericTensor inputs = NpyMatrix.read("gram", gram);
      MemoryNeed.solving(weights.shape().size(), inputs.shape().size())
          .check("the layer", Runtime.getRuntime().maxMemory(), machine.available());
      type = weights.dtype();
      zeros.checkFitsWhole((int) weights.shape().dim(0), (int) weights.shape().dim(1));
      problem =
          new LayerProblem(NpyMatrix.matrix(weights), NpyMatrix.matrix(inputs), zeros)
              .withRows(samples);
    } catch (IllegalArgumentException | IOException e) {
      return refused(e);
    }

    var seconds = new double[repeat];
    LayerMethod.Outcome outcome;
    try {
      int run = 0;
      do {
        double start = cpuSeconds();
        outcome = place.call(() -> method.run(problem));
        seconds[run] = cpuSeconds() - start;
      } while (++run < repeat);
    } catch (IllegalArgumentException e) {
      return refused(e);
    }

    NumericTensor result = NpyMatrix.tensor(outcome.weight(), type);
    write(outcome, type);
    NpyFile.write(result, out);
    spec.commandLine().getOut().println(report(problem, result, outcome, seconds));
    spec.commandLine().getOut().flush();
    return 0;
  }

  /** Writes what was asked for beside V. */
  private void write(LayerMethod.Outcome outcome, DType type) throws IOException {
    Path maskFile = mask;
    if (maskFile != null) {
      NpyFile.write(NpyMatrix.tensor(outcome.mask()), maskFile);
    }
    if (outcome.parts().isPresent()) {
      Decomposition parts = outcome.parts().get();
      Path sparseFile = sparse;
      if (sparseFile != null) {
        NpyFile.write(NpyMatrix.tensor(parts.sparse(), type), sparseFile);
      }
      if (!factors.isEmpty()) {
        NpyFile.write(NpyMatrix.tensor(parts.lowRank().left(), type), factors.get(0));
        NpyFile.write(NpyMatrix.tensor(parts.lowRank().right(), type), factors.get(1));
      }
    }
  }

  private LayerSettings settings() {
    Double own = damping;
    if (own != null && !(own >= 0)) {
      throw new IllegalArgumentException("--damping " + own + ": at least 0");
    }
    if (repeat < 1 || samples < 0) {
      throw new IllegalArgumentException("--repeat is at least 1, --samples at least 0");
    }
    String ownRank = rank;
    Boolean order = actOrder;
    if (ownRank == null && (sparse != null || !factors.isEmpty())) {
      throw new IllegalArgumentException("--sparse and --factors come with --rank");
    }
    var files = new ArrayList<>(factors);
    files.add(out);
    Stream.of(mask, sparse).filter(Objects::nonNull).forEach(files::add);
    for (Path file : files) {
      Path folder = file.toAbsolutePath().getParent();
      if (folder == null || !Files.isDirectory(folder)) {
        throw new IllegalArgumentException(file + ": there is no folder " + folder);
      }
    }
    return new LayerSettings(
        paper,
        polish,
        thorough,
        own == null ? OptionalDouble.empty() : OptionalDouble.of(own),
        Optional.ofNullable(ownRank).map(RankChoice::parse),
        rounding(),
        order == null
            ? Optional.empty()
            : Optional.of(order ? Gptq.Order.DESCENDING : Gptq.Order.NATURAL));
  }

  private Optional<LayerSettings.GridSettings> rounding() {
    Integer ownBits = bits;
    String text = grid;
    if (ownBits == null) {
      if (text != null || group != 0) {
        throw new IllegalArgumentException("--grid and --group come with --bits");
      }
      return Optional.empty();
    }
    Optional<GridFit.Search> search =
        text == null
            ? Optional.empty()
            : Optional.of(
                switch (text) {
                  case "minmax" -> GridFit.Search.MINMAX;
                  case "mse" -> GridFit.Search.MSE;
                  default ->
                      throw new IllegalArgumentException(
                          "--grid " + text + " is none of minmax, mse");
                });
    return Optional.of(new LayerSettings.GridSettings(ownBits, group, search));
  }

  private Pattern zeros(LayerMethod method) {
    String text = pattern;
    if (text != null) {
      return Pattern.parse(text);
    }
    if (method.needsPattern()) {
      throw new IllegalArgumentException("--solver " + solver + " needs --pattern, such as 2:4");
    }
    return Pattern.parse("0%");
  }

  private static double cpuSeconds() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime() / 1e9;
  }

  private static String report(
      LayerProblem problem, NumericTensor result, LayerMethod.Outcome outcome, double[] seconds)
      throws IOException {
    Matrix written = NpyMatrix.matrix(result);
    long nonZeros = 0;
    for (double value : outcome.parts().map(Decomposition::sparse).orElse(written).toArray()) {
      nonZeros += value == 0 ? 0 : 1;
    }
    var line = new LinkedHashMap<String, Object>();
    line.put("relative_error", problem.relativeError(written));
    line.put("nnz", nonZeros);
    line.put("seconds", seconds[0]);
    line.put("iterations", outcome.iterations());
    if (seconds.length > 1) {
      line.put("warm_seconds", seconds[seconds.length - 1]);
    }
    return JSON.writeValueAsString(line);
  }

  private int refused(Exception problem) {
    spec.commandLine()
        .getErr()
        .println(
            "falconer solve: "
                + (problem instanceof IOException ? problem.toString() : problem.getMessage()));
    return WRONG_INPUT;
  }
}
