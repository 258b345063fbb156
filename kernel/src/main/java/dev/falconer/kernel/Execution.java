package dev.falconer.kernel;

/** What candidate operators are computed by: scalar, Java's vectors or native code. */
public record Execution(MatMul matMul, RowMath rows, Attention attention) {
  /** Returns the execution that defines the others' results. Slow. */
  public static Execution scalar() {
    return of(new ScalarMatMul());
  }

  /** Returns an execution of products alone; the rest is scalar. */
  public static Execution of(MatMul matMul) {
    return new Execution(matMul, new ScalarRows(), new ScalarAttention());
  }

  @Override
  public String toString() {
    return matMul.toString();
  }
}
