package dev.falconer.kernel.bench;

import dev.falconer.kernel.Isa;
import dev.falconer.kernel.NativeKernels;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * The process that {@link FamilyProcess} starts: prints an empty line when it is ready, takes
 * shapes on standard input, a line "m k n" each, and answers with a line of JSON for each result
 * and an empty one. Ends with its input.
 */
final class FamilyMain {
  private FamilyMain() {}

  /**
   * Serves.
   *
   * @param arguments the family's name, rounds
   */
  public static void main(String[] arguments) throws IOException {
    var out =
        new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    System.setOut(System.err); // whatever else is printed must not stand among the answers
    var bench =
        new KernelBench(
            Family.valueOf(arguments[0]),
            NativeKernels.load(Isa.most(System.getenv())),
            new Turns(Integer.parseInt(arguments[1]), System::nanoTime));
    end(out);
    var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      String[] sizes = line.split(" ", -1);
      var shape =
          new Shape(
              Integer.parseInt(sizes[0]), Integer.parseInt(sizes[1]), Integer.parseInt(sizes[2]));
      bench.run(shape).forEach(result -> out.println(result.json()));
      end(out);
    }
  }

  private static void end(PrintStream out) {
    out.println();
    out.flush();
  }
}
