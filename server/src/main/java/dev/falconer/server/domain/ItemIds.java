package dev.falconer.server.domain;

import java.util.List;

/** The caller's ids of the candidates, returned with the slate; of numbers, of strings, or none. */
public final class ItemIds {
  /** No ids were sent. */
  public static final ItemIds NONE = new ItemIds(Kind.NONE, new long[0], List.of());

  /** What the ids are. */
  public enum Kind {
    /** None were sent. */
    NONE,
    /** 64-bit integers. */
    NUMBERS,
    /** Strings. */
    STRINGS
  }

  private final Kind kind;
  private final long[] numbers;
  private final List<String> strings;

  private ItemIds(Kind kind, long[] numbers, List<String> strings) {
    this.kind = kind;
    this.numbers = numbers;
    this.strings = strings;
  }

  /** Returns ids that are numbers; keeps the array. */
  public static ItemIds ofNumbers(long[] numbers) {
    return new ItemIds(Kind.NUMBERS, numbers, List.of());
  }

  /** Returns ids that are strings. */
  public static ItemIds ofStrings(List<String> strings) {
    return new ItemIds(Kind.STRINGS, new long[0], List.copyOf(strings));
  }

  /** Returns what the ids are. */
  public Kind kind() {
    return kind;
  }

  /** Returns how many there are. */
  public int count() {
    return kind == Kind.NUMBERS ? numbers.length : strings.size();
  }

  /** Returns the number of candidate {@code i}. */
  public long number(int i) {
    return numbers[i];
  }

  /** Returns the string of candidate {@code i}. */
  public String string(int i) {
    return strings.get(i);
  }
}
