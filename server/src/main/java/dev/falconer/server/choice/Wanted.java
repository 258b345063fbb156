package dev.falconer.server.choice;

import dev.falconer.server.domain.ExecutedBy;
import dev.falconer.server.domain.VariantKey;
import java.util.Optional;

/** What the operator wants served. */
public sealed interface Wanted {
  /** The variant that is measured to be the fastest. */
  record Fastest() implements Wanted {}

  /**
   * A variant by its name.
   *
   * @param by what is to compute it; empty for native code where it can, else Java
   */
  record Named(String variant, Optional<ExecutedBy> by) implements Wanted {
    @Override
    public String toString() {
      return variant + by.map(known -> ":" + known.label()).orElse("");
    }
  }

  /**
   * Returns what a flag says: auto, NAME, NAME:java or NAME:native.
   *
   * @throws IllegalArgumentException when it is none of them
   */
  static Wanted parse(String flag) {
    if (flag.equals("auto")) {
      return new Fastest();
    }
    int colon = flag.indexOf(':');
    String name = colon < 0 ? flag : flag.substring(0, colon);
    Optional<ExecutedBy> by =
        colon < 0 ? Optional.empty() : ExecutedBy.of(flag.substring(colon + 1));
    boolean isKnown = colon < 0 || by.filter(b -> b != ExecutedBy.ONNX_RUNTIME).isPresent();
    if (name.isEmpty() || !isKnown) {
      throw new IllegalArgumentException(
          "--variant: got \"%s\", want auto, %s, NAME, NAME:java or NAME:native"
              .formatted(flag, VariantKey.PLAIN));
    }
    return new Named(name, by);
  }
}
