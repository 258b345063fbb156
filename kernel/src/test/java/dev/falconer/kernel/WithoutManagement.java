package dev.falconer.kernel;

/** A program that has code generated; started in a runtime without module jdk.management. */
final class WithoutManagement {
  private WithoutManagement() {}

  /** Prints what is said of the compiler directive, and whether there are kernels all the same. */
  public static void main(String[] arguments) {
    System.out.println(CompilerDirective.add("dev.falconer.kernel.Other").orElse("added"));
    System.out.println(new VectorMatMul(256).has(dev.falconer.packed.Layout.DENSE, false));
  }
}
