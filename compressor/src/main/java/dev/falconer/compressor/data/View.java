package dev.falconer.compressor.data;

import java.util.Arrays;
import java.util.stream.IntStream;

/** Some requests of an {@link Examples}, in an order. Immutable. */
public final class View {
  private final Examples examples;
  private final int[] requests;

  View(Examples examples, int[] requests) {
    this.examples = examples;
    this.requests = requests;
  }

  /** Returns a view of the given requests. */
  public static View of(Examples examples, int... requests) {
    for (int request : requests) {
      if (request < 0 || request >= examples.requests()) {
        throw new IndexOutOfBoundsException(
            "request " + request + " of " + examples.requests() + " in " + examples.name());
      }
    }
    return new View(examples, requests.clone());
  }

  /** Returns what the requests are of. */
  public Examples examples() {
    return examples;
  }

  /** Returns the number of requests. */
  public int size() {
    return requests.length;
  }

  /** Returns the index in {@link #examples} of the view's i-th request. */
  public int request(int i) {
    return requests[i];
  }

  /** Returns the indices in {@link #examples}. */
  public IntStream requests() {
    return Arrays.stream(requests);
  }

  /** Returns a view of the first {@code count} requests, or of all when there are fewer. */
  public View first(int count) {
    return new View(examples, Arrays.copyOf(requests, Math.min(count, requests.length)));
  }
}
