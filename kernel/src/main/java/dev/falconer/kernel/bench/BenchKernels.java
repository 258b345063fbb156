package dev.falconer.kernel.bench;

import dev.falconer.kernel.Isa;
import dev.falconer.kernel.NativeKernels;
import dev.falconer.kernel.VectorMatMul;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** falconer bench kernels. */
@Command(
    name = "kernels",
    mixinStandardHelpOptions = true,
    description = {
      "Times products with packed weights beside ONNX Runtime's own, in its graphs, one thread,"
          + " turn by turn. The speed-up is over its float32 product of the same shape, the share"
          + " of the peak that of the work on the weights that are not 0. Packed int8 has seven bits,"
          + " as in bundles.",
      "Java's kernels run in a process for each layout, as in a server of one model. Ctrl-C prints"
          + " what was measured.",
      "The environment variable FALCONER_MAX_ISA (java, portable, avx2, avx512, avx512vnni) caps"
          + " what our kernels use, not ONNX Runtime."
    },
    footer = {"", "Example: falconer bench kernels --m 64,256 --k 512 --n 512"})
public final class BenchKernels implements Callable<Integer> {
  private static final int INTERRUPTED = 130;

  @Option(
      names = "--m",
      split = ",",
      defaultValue = "64,256,1024",
      description = "rows (default ${DEFAULT-VALUE})")
  List<Integer> m = List.of();

  @Option(
      names = "--k",
      split = ",",
      defaultValue = "128,256,512,1024",
      description = "inputs (default ${DEFAULT-VALUE})")
  List<Integer> k = List.of();

  @Option(
      names = "--n",
      split = ",",
      defaultValue = "128,256,512,1024",
      description = "outputs (default ${DEFAULT-VALUE})")
  List<Integer> n = List.of();

  @Option(
      names = "--rounds",
      defaultValue = "31",
      description = "turns of each product; medians count (default 31)")
  int rounds = 31;

  @Option(
      names = "--only",
      split = ",",
      description = "what to measure, of ${COMPLETION-CANDIDATES} (default all)")
  List<Family> only = List.of(Family.values());

  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "writes all results, after every shape")
  @Nullable Path json;

  @Spec CommandSpec spec = CommandSpec.create();

  /** Runs the command. */
  public static void main(String[] arguments) {
    System.exit(new CommandLine(new BenchKernels()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException {
    List<Shape> shapes = shapes();
    Isa most = most();
    NativeKernels kernels = NativeKernels.load(most);
    var conditions =
        new Conditions(Processor.here(), most, kernels.notice(), Peaks.source(kernels), rounds);
    var results = new CopyOnWriteArrayList<Result>();
    write(conditions, results);
    PrintWriter text = spec.commandLine().getOut();
    conditions.print(text);
    boolean hasVectors = VectorMatMul.isAvailable(256);
    if (!hasVectors) {
      text.println("no kernels in Java: no vectors of 256 bits or module jdk.incubator.vector");
    }
    text.flush();
    PrintWriter err = spec.commandLine().getErr();
    var processes = new CopyOnWriteArrayList<FamilyProcess>();
    try (var _ = new AtEnd(() -> end(processes, conditions, results))) {
      for (Family family : only) {
        if (hasVectors || family == Family.NATIVE) {
          processes.add(FamilyProcess.start(family, most, rounds));
        }
      }
      processes.forEach(FamilyProcess::awaitReady);
      for (int done = 0; done < shapes.size(); done++) {
        var some = new ArrayList<Result>();
        for (FamilyProcess process : processes) {
          progress(err, done, shapes.size(), shapes.get(done) + ", " + process.family());
          some.addAll(process.run(shapes.get(done)));
        }
        results.addAll(some);
        write(conditions, results);
      }
      progress(err, shapes.size(), shapes.size(), "");
      err.println();
    } catch (FamilyProcess.Died e) {
      if (e.isInterrupted()) {
        return INTERRUPTED;
      }
      err.printf("%n%s%n", e.getMessage());
      return 1;
    }
    return 0;
  }

  private List<Shape> shapes() {
    var shapes = new ArrayList<Shape>();
    m.forEach(rows -> k.forEach(in -> n.forEach(out -> shapes.add(new Shape(rows, in, out)))));
    for (Shape shape : shapes) {
      if (shape.m() < 1 || shape.k() < 16 || shape.n() < 1 || rounds < 1) {
        throw new ParameterException(
            spec.commandLine(), "--m and --n are at least 1, --k at least 16, --rounds 1");
      }
    }
    return shapes;
  }

  private Isa most() {
    try {
      return Isa.most(System.getenv());
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), e.getMessage(), e);
    }
  }

  private static void progress(PrintWriter err, int done, int all, String now) {
    err.printf("\r%d of %d shapes  %-40s", done, all, now);
    err.flush();
  }

  private void write(Conditions conditions, List<Result> results) {
    Path file = json;
    if (file != null) {
      try {
        conditions.write(file, results);
      } catch (IOException e) {
        throw new ParameterException(spec.commandLine(), "--json can't be written: " + e, e);
      }
    }
  }

  /** Ends the measuring and prints its results, which may be of a part. */
  private void end(List<FamilyProcess> processes, Conditions conditions, List<Result> results) {
    processes.forEach(FamilyProcess::close);
    if (results.isEmpty()) {
      return;
    }
    PrintWriter text = spec.commandLine().getOut();
    text.println();
    new SpeedTables(results).print(text, conditions.peaks());
    text.flush();
  }
}
