package dev.falconer.kernel;

/** A program that asks for the vector kernels; started without their module. */
final class WithoutVectorModule {
  private WithoutVectorModule() {}

  /** Prints whether there are any, and what is said to those who make one all the same. */
  public static void main(String[] arguments) {
    System.out.println(VectorMatMul.widest().isPresent());
    try {
      System.out.println("made " + new VectorMatMul(256).getClass());
    } catch (IllegalArgumentException e) {
      System.out.println(e.getMessage());
    }
  }
}
