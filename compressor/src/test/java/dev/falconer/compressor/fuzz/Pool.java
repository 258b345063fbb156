package dev.falconer.compressor.fuzz;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** The tensors written so far, and how to read them. */
final class Pool {
  private static final int RECENT = 5;

  final Emitter emit;
  final List<Value> values = new ArrayList<>();

  Pool(Emitter emit) {
    this.emit = emit;
  }

  Value add(String name, List<Dim> dims, int parties) {
    var value = new Value(name, dims, parties);
    values.add(value);
    return value;
  }

  /** Returns a tensor, rather a late one. */
  Value pick() {
    int from = emit.chance(0.6) ? Math.max(0, values.size() - RECENT) : 0;
    return values.get(from + emit.random.nextInt(values.size() - from));
  }

  /** Returns a random tensor of a kind, or null. */
  @Nullable Value pick(Predicate<Value> kind) {
    var fitting = values.stream().filter(kind).toList();
    return fitting.isEmpty() ? null : fitting.get(emit.random.nextInt(fitting.size()));
  }

  /** Returns the length of a named axis as a vector of one, read from any tensor that has it. */
  String length(Dim dim) {
    Value source = source(dim);
    return emit.length(source.name(), source.dims().indexOf(dim));
  }

  String scalarLength(Dim dim) {
    Value source = source(dim);
    return emit.scalarLength(source.name(), source.dims().indexOf(dim));
  }

  private Value source(Dim dim) {
    Value source = pick(value -> value.dims().contains(dim));
    if (source == null) {
      throw new IllegalStateException("no tensor has an axis " + dim);
    }
    return source;
  }

  /** Returns a vector of lengths, some of them read from other tensors. */
  String lengths(List<Dim> dims) {
    if (dims.stream().allMatch(Dim::isFixed)) {
      return emit.ints(dims.stream().mapToLong(Dim::extra).toArray());
    }
    return emit.concat(
        0,
        dims.stream()
            .map(dim -> dim.isFixed() ? emit.ints(dim.extra()) : length(dim))
            .toArray(String[]::new));
  }

  /** Returns x under other axes of the same size. */
  Value reshaped(Value x, List<Dim> dims) {
    String target = emit.chance(0.5) ? constantTarget(x, dims) : null;
    String shape = target == null ? lengths(dims) : target;
    return add(emit.node("Reshape", x.name(), shape), dims, x.parties());
  }

  private @Nullable String constantTarget(Value x, List<Dim> dims) {
    var target = new long[dims.size()];
    boolean free = false;
    for (int i = 0; i < target.length; i++) {
      Dim dim = dims.get(i);
      boolean aligned = i < x.rank() && x.dim(i).equals(dim);
      if (dim.isFixed()) {
        target[i] = aligned && emit.chance(0.2) ? 0 : dim.extra();
      } else if (aligned && (free || emit.chance(0.6))) {
        target[i] = 0;
      } else if (!free) {
        target[i] = -1;
        free = true;
      } else {
        return null;
      }
    }
    return emit.ints(target);
  }
}
