package dev.falconer.kernel;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * The kernels in C, if this program has them for this processor.
 *
 * @param execution by the best instruction set allowed; empty where Java has to do
 * @param peak what the processor can do with it; empty with the execution
 * @param notice one line on what was chosen, or why there is none
 */
public record NativeKernels(
    Optional<Execution> execution, Optional<NativePeak> peak, String notice) {
  /** Where the build puts the library. */
  static final String RESOURCE = "/native/linux-x86_64/libfalconer.so";

  /** Of the library's functions and of the packed weights they read. */
  static final int VERSION = 4;

  /**
   * Loads the library. It stays until the process ends.
   *
   * @param most of the instruction sets to use; {@link Isa#JAVA} loads nothing
   */
  public static NativeKernels load(Isa most) {
    return load(most, RESOURCE, VERSION);
  }

  static NativeKernels load(Isa most, String resource, int version) {
    if (most == Isa.JAVA) {
      return none(Isa.VARIABLE + " is java");
    }
    String platform = System.getProperty("os.name") + " " + System.getProperty("os.arch");
    if (!platform.equals("Linux amd64")) {
      return none("they are for Linux amd64, this is " + platform);
    }
    try (InputStream library = NativeKernels.class.getResourceAsStream(resource)) {
      if (library == null) {
        return none("the program was built where neither gcc nor clang is installed");
      }
      Path file = Files.createTempFile("falconer", ".so");
      try {
        Files.copy(library, file, StandardCopyOption.REPLACE_EXISTING);
        return open(most, file, version);
      } finally {
        Files.deleteIfExists(file); // what is loaded stays
      }
    } catch (IOException e) {
      return none("the library can't be written to the temporary folder: " + e);
    }
  }

  private static NativeKernels open(Isa most, Path file, int version) {
    NativeLibrary library;
    try {
      library = NativeLibrary.load(file);
    } catch (IllegalArgumentException e) {
      return none("the library can't be loaded from %s: %s".formatted(file, e.getMessage()));
    }
    int found = library.version();
    if (found != version) {
      return none("the library is of version %d, want %d".formatted(found, version));
    }
    Isa best = library.best(most);
    return new NativeKernels(
        Optional.of(
            new Execution(
                new NativeMatMul(library, best),
                new NativeRows(library, best),
                new NativeAttention(library, best))),
        Optional.of(new NativePeak(library, best)),
        "native kernels: " + best);
  }

  /** Returns the execution's product. */
  public Optional<NativeMatMul> matMul() {
    return execution.map(own -> (NativeMatMul) own.matMul());
  }

  private static NativeKernels none(String why) {
    return new NativeKernels(Optional.empty(), Optional.empty(), "no native kernels: " + why);
  }
}
