package dev.falconer.kernel;

import static java.lang.constant.ConstantDescs.CD_Class;
import static java.lang.constant.ConstantDescs.CD_Object;
import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Writes the vector instructions of one width; a name of a parameter is a local variable. What an
 * instruction takes and gives is on the stack if it isn't named. Inputs are broadcast as integers,
 * which the compiler reads from memory in one instruction.
 *
 * <p>For the compiler a vector is often of a type that all widths share: what a loop changes, and,
 * once a method has grown large, what any call returns. It would take the class from what it saw in
 * Java's vector methods, which all kernels share, and where that was several classes the vector
 * stays an object. So vectors are cast to the one class of their species, which costs nothing once
 * compiled. But each cast takes of the nodes that the compiler allows a method
 * (NodeCountInliningCutoff): behind them it leaves calls as they are, with all vectors spilt
 * around.
 */
final class VectorCode extends AddressCode {
  private static final ClassDesc FLOATS = of(FloatVector.class);
  private static final ClassDesc INTS = of(IntVector.class);
  private static final ClassDesc VECTOR = of(Vector.class);
  private static final ClassDesc MASK = of(VectorMask.class);
  private static final ClassDesc OPERATORS = of(VectorOperators.class);
  private static final ClassDesc COMPARISON = of(VectorOperators.Comparison.class);
  private static final ClassDesc BINARY = of(VectorOperators.Binary.class);
  private static final ClassDesc ASSOCIATIVE = of(VectorOperators.Associative.class);
  private static final ClassDesc SPECIES = of(VectorSpecies.class);
  private static final ClassDesc ORDER = of(ByteOrder.class);
  private static final MethodTypeDesc LOAD =
      MethodTypeDesc.of(FLOATS, SPECIES, SEGMENT, CD_long, ORDER);

  private final CodeBuilder code;
  private final String species;
  private final int lanes;

  VectorCode(CodeBuilder code, int bits) {
    super(code);
    this.code = code;
    this.species = "SPECIES_" + bits;
    this.lanes = bits / Float.SIZE;
  }

  /** Pushes floats of a variable. */
  VectorCode load(int vector) {
    code.aload(vector);
    return exact(FLOATS);
  }

  /** Pushes integers of a variable. */
  VectorCode loadWhole(int vector) {
    code.aload(vector);
    return exact(INTS);
  }

  /** Casts the vector on the stack to the one class that it has. */
  private VectorCode exact(ClassDesc type) {
    species(type);
    code.invokeinterface(SPECIES, "vectorType", MethodTypeDesc.of(CD_Class));
    code.swap();
    code.invokevirtual(CD_Class, "cast", MethodTypeDesc.of(CD_Object, CD_Object));
    code.checkcast(type);
    return this;
  }

  void store(int vector) {
    code.astore(vector);
  }

  VectorCode duplicate() {
    code.dup();
    return this;
  }

  VectorCode loadFloats(int address, int offset) {
    return loadFloats(address, 0, 0, offset);
  }

  VectorCode loadFloats(int address, int stride, int row, int offset) {
    vectorAt(FLOATS, address, stride, row, offset);
    return this;
  }

  void loadInts(int address, int offset) {
    loadInts(address, 0, 0, offset);
  }

  void loadInts(int address, int stride, int row, int offset) {
    vectorAt(INTS, address, stride, row, offset);
  }

  private void vectorAt(ClassDesc type, int address, int stride, int row, int offset) {
    species(type);
    all();
    rowAddress(address, stride, row, offset);
    order();
    code.invokestatic(type, "fromMemorySegment", LOAD.changeReturnType(type));
    exact(type);
  }

  /** Stores the vector on the stack. */
  void storeFloats(int address, int offset) {
    storeFloats(address, 0, 0, offset);
  }

  void storeFloats(int address, int stride, int row, int offset) {
    all();
    rowAddress(address, stride, row, offset);
    order();
    code.invokevirtual(
        FLOATS, "intoMemorySegment", MethodTypeDesc.of(CD_void, SEGMENT, CD_long, ORDER));
  }

  /** Pushes a float of memory in every lane. */
  VectorCode broadcastAt(int address, int stride, int row, int offset) {
    species(INTS);
    intAt(address, stride, row, offset);
    code.invokestatic(INTS, "broadcast", MethodTypeDesc.of(INTS, SPECIES, CD_int));
    return asFloats();
  }

  /** Pushes a number in every lane. */
  VectorCode number(float number) {
    species(FLOATS);
    code.loadConstant(number);
    return broadcast();
  }

  /** Pushes a float variable in every lane. */
  VectorCode broadcast(int number) {
    species(FLOATS);
    code.fload(number);
    return broadcast();
  }

  private VectorCode broadcast() {
    code.invokestatic(FLOATS, "broadcast", MethodTypeDesc.of(FLOATS, SPECIES, CD_float));
    return exact(FLOATS);
  }

  VectorCode asFloats() {
    code.invokevirtual(INTS, "reinterpretAsFloats", MethodTypeDesc.of(FLOATS));
    return exact(FLOATS);
  }

  VectorCode asInts() {
    code.invokevirtual(FLOATS, "reinterpretAsInts", MethodTypeDesc.of(INTS));
    return exact(INTS);
  }

  VectorCode plus() {
    return binary("add");
  }

  VectorCode minus() {
    return binary("sub");
  }

  VectorCode times() {
    return binary("mul");
  }

  VectorCode over() {
    return binary("div");
  }

  private VectorCode binary(String name) {
    code.invokevirtual(FLOATS, name, MethodTypeDesc.of(FLOATS, VECTOR));
    return exact(FLOATS);
  }

  /** Of three vectors on the stack the product of the first two plus the third. */
  VectorCode multiplyAdd() {
    code.invokevirtual(FLOATS, "fma", MethodTypeDesc.of(FLOATS, VECTOR, VECTOR));
    return exact(FLOATS);
  }

  /** sum = floats on the stack x weight + sum; the weight was cast before it was stored. */
  void multiplyAdd(int weight, int sum) {
    code.aload(weight);
    load(sum);
    code.invokevirtual(FLOATS, "fma", MethodTypeDesc.of(FLOATS, VECTOR, VECTOR));
    store(sum);
  }

  /** Of two integer vectors. */
  VectorCode larger() {
    code.invokevirtual(INTS, "max", MethodTypeDesc.of(INTS, VECTOR));
    return exact(INTS);
  }

  /** Of integers. */
  VectorCode shiftLeft(int bits) {
    code.getstatic(OPERATORS, "LSHL", BINARY).loadConstant(bits);
    code.invokevirtual(INTS, "lanewise", MethodTypeDesc.of(INTS, BINARY, CD_int));
    return exact(INTS);
  }

  /** Of integers. */
  VectorCode plusInt(int number) {
    code.loadConstant(number);
    code.invokevirtual(INTS, "add", MethodTypeDesc.of(INTS, CD_int));
    return exact(INTS);
  }

  /**
   * Of floats the sum of all lanes, a float: of halves, of quarters and so on. Java's reduceLanes
   * has another order, and another result, once it is compiled.
   */
  VectorCode sum() {
    int sum = vector();
    store(sum);
    for (int apart = lanes / 2; apart >= 1; apart /= 2) {
      load(sum);
      swapped(apart, sum);
      plus().store(sum);
    }
    load(sum);
    code.loadConstant(0).invokevirtual(FLOATS, "lane", MethodTypeDesc.of(CD_float, CD_int));
    return this;
  }

  /** Pushes the lanes of a variable, each in the place of the one that is so far from it. */
  private void swapped(int apart, int vector) {
    int places = vector();
    int numbers = vector();
    species(INTS);
    code.invokestatic(INTS, "zero", MethodTypeDesc.of(INTS, SPECIES));
    exact(INTS);
    code.loadConstant(1).invokevirtual(INTS, "addIndex", MethodTypeDesc.of(INTS, CD_int));
    exact(INTS);
    code.getstatic(OPERATORS, "XOR", ASSOCIATIVE).loadConstant(apart);
    code.invokevirtual(INTS, "lanewise", MethodTypeDesc.of(INTS, BINARY, CD_int)).astore(places);
    load(vector).asInts().store(numbers);
    select(places, numbers);
    asFloats();
  }

  /** Pushes the lanes of an integer vector that numbers, modulo its length, name. */
  void select(int numbers, int vector) {
    loadWhole(numbers).loadWhole(vector);
    code.invokevirtual(INTS, "selectFrom", MethodTypeDesc.of(INTS, VECTOR));
    exact(INTS);
  }

  /** Of integer vectors on the stack pushes the lanes of the last two that the first numbers. */
  VectorCode selectFromTwo() {
    code.invokevirtual(INTS, "selectFrom", MethodTypeDesc.of(INTS, VECTOR, VECTOR));
    return exact(INTS);
  }

  /** Pushes which lanes of an integer vector are greater than a number. */
  void isAbove(int vector, int number) {
    loadWhole(vector).isAbove(number);
  }

  /** Of integers. */
  private VectorCode isAbove(int number) {
    code.getstatic(OPERATORS, "GT", COMPARISON).loadConstant(number);
    code.invokevirtual(INTS, "compare", MethodTypeDesc.of(MASK, COMPARISON, CD_int));
    return this;
  }

  /** Of integers. */
  void skipUnlessAnyAbove(int number, Label to) {
    isAbove(number);
    code.invokevirtual(MASK, "anyTrue", MethodTypeDesc.of(CD_boolean));
    code.ifeq(to);
  }

  /** Of two integer vectors on the stack takes the upper one where a mask is set. */
  void blend(int mask) {
    code.aload(mask);
    code.invokevirtual(INTS, "blend", MethodTypeDesc.of(INTS, VECTOR, MASK));
    exact(INTS);
  }

  /** Pushes floats of a variable, where they are below those of another the other's; NaN stays. */
  void atLeast(int vector, int least) {
    load(vector).load(least);
    load(vector);
    code.getstatic(OPERATORS, "LT", COMPARISON);
    load(least);
    code.invokevirtual(FLOATS, "compare", MethodTypeDesc.of(MASK, COMPARISON, VECTOR));
    code.invokevirtual(FLOATS, "blend", MethodTypeDesc.of(FLOATS, VECTOR, MASK));
    exact(FLOATS);
  }

  /** Puts a number into the floats on the stack where those of a variable are below a bound. */
  VectorCode whereBelow(int vector, float bound, float number) {
    return where(vector, "LT", bound, number);
  }

  /** Likewise above. */
  VectorCode whereAbove(int vector, float bound, float number) {
    return where(vector, "GT", bound, number);
  }

  private VectorCode where(int vector, String comparison, float bound, float number) {
    code.loadConstant(number);
    load(vector);
    code.getstatic(OPERATORS, comparison, COMPARISON).loadConstant(bound);
    code.invokevirtual(FLOATS, "compare", MethodTypeDesc.of(MASK, COMPARISON, CD_float));
    code.invokevirtual(FLOATS, "blend", MethodTypeDesc.of(FLOATS, CD_float, MASK));
    return exact(FLOATS);
  }

  private void species(ClassDesc vector) {
    code.getstatic(vector, species, SPECIES);
  }

  private void order() {
    code.getstatic(ORDER, "LITTLE_ENDIAN", ORDER);
  }
}
