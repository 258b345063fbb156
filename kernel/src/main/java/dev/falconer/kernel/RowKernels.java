package dev.falconer.kernel;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;

/** What is done to rows of whole vectors of one width: generated code. */
final class RowKernels {
  /** Goes over rows of x and y. */
  interface Each {
    /**
     * Runs.
     *
     * @param xBytes from a row to the next
     * @param rows at least 1
     * @param vectors of a row, at least 1
     * @param y may be x
     */
    void run(long x, long xBytes, int rows, int vectors, long y, long yBytes);
  }

  private final Each add;
  private final Map<Activation, Each> activations = new EnumMap<>(Activation.class);

  RowKernels(int bits) {
    add = define("Add", bits, (code, x, y) -> code.load(x).load(y).plus());
    for (Activation each : Activation.values()) {
      activations.put(
          each, define(each.name(), bits, (code, x, _) -> new FunctionCode(code).push(each, x)));
    }
  }

  /** Returns what copies rows. */
  static Each copy(int bits) {
    return define("Copy", bits, (code, x, _) -> code.load(x));
  }

  /** Returns what adds rows to others. */
  Each add() {
    return add;
  }

  /** Returns what replaces y by an activation of x. */
  Each activation(Activation activation) {
    return Objects.requireNonNull(activations.get(activation));
  }

  /** Writes what is pushed for y's vector by those of x and y. */
  private interface Function {
    void write(VectorCode code, int x, int y);
  }

  private static Each define(String name, int bits, Function function) {
    return GeneratedClass.of(
        Each.class, name + "Of" + bits, builder -> write(builder, bits, function));
  }

  private static void write(CodeBuilder builder, int bits, Function function) {
    var code = new VectorCode(builder, bits);
    int[] parameters = new int[6];
    Arrays.setAll(parameters, code::parameter);
    int x = parameters[0];
    int y = parameters[4];
    int fromX = code.local(TypeKind.LONG);
    int fromY = code.local(TypeKind.LONG);
    int left = code.local(TypeKind.INT);
    int one = code.vector();
    int other = code.vector();
    Label row = code.label();
    code.copy(x, fromX);
    code.copy(y, fromY);
    code.copyInt(parameters[3], left);
    Label vector = code.label();
    code.loadFloats(fromX, 0).store(one);
    code.loadFloats(fromY, 0).store(other);
    function.write(code, one, other);
    code.storeFloats(fromY, 0);
    code.add(fromX, bits / Byte.SIZE);
    code.add(fromY, bits / Byte.SIZE);
    code.decrementAndRepeat(left, vector);
    code.addVariable(x, parameters[1]);
    code.addVariable(y, parameters[5]);
    code.decrementAndRepeat(parameters[2], row);
    code.leave();
  }
}
