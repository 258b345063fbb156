package dev.falconer.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * The kernels in C, if this program has them for this processor.
 *
 * @param matMul the product by the best instruction set allowed; empty where Java has to do
 * @param peak what the processor can do with it; empty with the product
 * @param notice one line on what was chosen, or why there is none
 */
public record NativeKernels(
    Optional<NativeMatMul> matMul, Optional<NativePeak> peak, String notice) {
  /** Where the build puts the library. */
  static final String RESOURCE = "/native/linux-x86_64/libfalconer.so";

  /** Of the library's functions and of the packed weights they read. */
  static final int VERSION = 1;

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

  @SuppressWarnings("restricted") // Our own library.
  private static NativeKernels open(Isa most, Path file, int version) {
    SymbolLookup library;
    try {
      library = SymbolLookup.libraryLookup(file, Arena.global());
    } catch (IllegalArgumentException e) {
      return none("the library can't be loaded from %s: %s".formatted(file, e.getMessage()));
    }
    Optional<MethodHandle> own = function(library, "falconer_version", JAVA_INT);
    Optional<MethodHandle> isa = function(library, "falconer_isa", JAVA_INT, JAVA_INT);
    Optional<MethodHandle> product =
        function(
            library,
            "falconer_matmul",
            JAVA_LONG,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_LONG);
    Optional<MethodHandle> peak =
        function(library, "falconer_peak", JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_LONG);
    int found = own.isPresent() ? integer(own.get()) : 0;
    if (found != version || isa.isEmpty() || product.isEmpty() || peak.isEmpty()) {
      return none("the library is of version %d, want %d".formatted(found, version));
    }
    Isa best = Isa.of(integer(isa.get(), most.number()));
    return new NativeKernels(
        Optional.of(new NativeMatMul(product.get(), best)),
        Optional.of(new NativePeak(peak.get(), best)),
        "native kernels: " + best);
  }

  @SuppressWarnings("restricted") // Functions of our own library.
  private static Optional<MethodHandle> function(
      SymbolLookup library, String name, MemoryLayout result, MemoryLayout... arguments) {
    return library
        .find(name)
        .map((MemorySegment address) ->
            Linker.nativeLinker()
                .downcallHandle(address, FunctionDescriptor.of(result, arguments)));
  }

  private static int integer(MethodHandle function, Object... arguments) {
    try {
      return (int) function.invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new IllegalStateException("the native library", e);
    }
  }

  private static NativeKernels none(String why) {
    return new NativeKernels(Optional.empty(), Optional.empty(), "no native kernels: " + why);
  }
}
