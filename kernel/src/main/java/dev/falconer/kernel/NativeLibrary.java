package dev.falconer.kernel;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/** The library of the kernels in C, which stays until the process ends. */
final class NativeLibrary {
  private final SymbolLookup symbols;

  private NativeLibrary(SymbolLookup symbols) {
    this.symbols = symbols;
  }

  /**
   * Loads a file.
   *
   * @throws IllegalArgumentException when it is no library
   */
  @SuppressWarnings("restricted") // Our own library.
  static NativeLibrary load(Path file) {
    return new NativeLibrary(SymbolLookup.libraryLookup(file, Arena.global()));
  }

  /** Returns the version of its functions; 0 if it says none. */
  int version() {
    Optional<MethodHandle> version =
        symbols.find("falconer_version").map(_ -> function("falconer_version", JAVA_INT));
    try {
      return version.isPresent() ? (int) version.get().invokeExact() : 0;
    } catch (Throwable e) {
      throw new IllegalStateException("falconer_version", e);
    }
  }

  /** Returns the best instruction set, up to one, that this processor has. */
  Isa best(Isa most) {
    try {
      return Isa.of((int) function("falconer_isa", JAVA_INT, JAVA_INT).invokeExact(most.number()));
    } catch (Throwable e) {
      throw new IllegalStateException("falconer_isa", e);
    }
  }

  /** Returns a function. */
  MethodHandle function(String name, MemoryLayout result, MemoryLayout... arguments) {
    return of(name, FunctionDescriptor.of(result, arguments));
  }

  /** Returns a function without result. */
  MethodHandle procedure(String name, MemoryLayout... arguments) {
    return of(name, FunctionDescriptor.ofVoid(arguments));
  }

  @SuppressWarnings("restricted") // Our own library.
  private MethodHandle of(String name, FunctionDescriptor descriptor) {
    return Linker.nativeLinker().downcallHandle(symbols.findOrThrow(name), descriptor);
  }
}
