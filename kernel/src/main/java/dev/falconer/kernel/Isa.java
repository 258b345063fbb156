package dev.falconer.kernel;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** What kernels are written for, each beside all before it. */
public enum Isa {
  /** Java alone. */
  JAVA(-1),
  /** Native, of every x86-64. */
  PORTABLE(0),
  /** AVX2 and FMA. */
  AVX2(1),
  /** AVX-512 F, BW, DQ and VL; int8 as AVX2. */
  AVX512(2),
  /** AVX-512 and its VNNI. */
  AVX512VNNI(3);

  /** The environment variable that caps what is used, so that one machine can test all. */
  public static final String VARIABLE = "FALCONER_MAX_ISA";

  private final int number;

  Isa(int number) {
    this.number = number;
  }

  /** Returns the number of its kernels in the native library. */
  int number() {
    return number;
  }

  /** Returns the instruction set of a number. */
  static Isa of(int number) {
    return Arrays.stream(values()).filter(isa -> isa.number == number).findFirst().orElseThrow();
  }

  /**
   * Returns the most that an environment allows, which is everything if it doesn't say.
   *
   * @throws IllegalArgumentException when {@link #VARIABLE} names none
   */
  public static Isa most(Map<String, String> environment) {
    String name = environment.get(VARIABLE);
    if (name == null) {
      return AVX512VNNI;
    }
    return Arrays.stream(values())
        .filter(isa -> isa.toString().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "%s is \"%s\", want one of %s"
                    .formatted(
                        VARIABLE,
                        name,
                        Arrays.stream(values())
                            .map(Isa::toString)
                            .collect(Collectors.joining(", ")))));
  }

  /** Returns options with which Java, too, keeps to it. */
  public List<String> javaOptions() {
    return this == AVX2 ? List.of("-XX:UseAVX=2") : List.of();
  }

  /** Returns the name that {@link #VARIABLE} takes. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
