package dev.falconer.kernel;

import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Writes the vector instructions of one width; a name of a parameter is a local variable. Inputs
 * are broadcast as integers, which the compiler reads from memory in one instruction.
 */
final class VectorCode {
  private static final ClassDesc FLOATS = of(FloatVector.class);
  private static final ClassDesc INTS = of(IntVector.class);
  private static final ClassDesc VECTOR = of(Vector.class);
  private static final ClassDesc MASK = of(VectorMask.class);
  private static final ClassDesc OPERATORS = of(VectorOperators.class);
  private static final ClassDesc COMPARISON = of(VectorOperators.Comparison.class);
  private static final ClassDesc SPECIES = of(VectorSpecies.class);
  private static final ClassDesc SEGMENT = of(MemorySegment.class);
  private static final ClassDesc LAYOUT = of(ValueLayout.class);
  private static final ClassDesc INT_LAYOUT = of(ValueLayout.OfInt.class);
  private static final ClassDesc ORDER = of(ByteOrder.class);
  private static final ClassDesc MEMORY = of(AllMemory.class);
  private static final MethodTypeDesc LOAD =
      MethodTypeDesc.of(FLOATS, SPECIES, SEGMENT, CD_long, ORDER);

  /** No address has more bits; one that surely hasn't is not compared with a segment's end. */
  private static final long ADDRESSES = Long.MAX_VALUE >>> 1;

  private final CodeBuilder code;
  private final String species;

  VectorCode(CodeBuilder code, int bits) {
    this.code = code;
    this.species = "SPECIES_" + bits;
  }

  private static ClassDesc of(Class<?> type) {
    return type.describeConstable().orElseThrow();
  }

  int local(TypeKind kind) {
    return code.allocateLocal(kind);
  }

  Label newLabel() {
    return code.newLabel();
  }

  /** Returns a label that stands here. */
  Label label() {
    return code.newBoundLabel();
  }

  void bind(Label label) {
    code.labelBinding(label);
  }

  void jump(Label to) {
    code.goto_(to);
  }

  void leave() {
    code.return_();
  }

  void load(int vector) {
    code.aload(vector);
  }

  void store(int vector) {
    code.astore(vector);
  }

  void duplicate() {
    code.dup();
  }

  void copy(int from, int to) {
    code.lload(from).lstore(to);
  }

  void copyInt(int from, int to) {
    code.iload(from).istore(to);
  }

  void add(int address, int bytes) {
    code.lload(address).loadConstant((long) bytes).ladd().lstore(address);
  }

  void addScaled(int address, int count, int bytes) {
    code.lload(address).iload(count).i2l().loadConstant((long) bytes).lmul().ladd().lstore(address);
  }

  /** Stores the int on the stack times a factor plus a base. */
  void scaledPlus(int factor, int base, int to) {
    code.i2l().loadConstant((long) factor).lmul().lload(base).ladd().lstore(to);
  }

  void skipIfZero(int value, Label to) {
    code.iload(value).ifeq(to);
  }

  void skipIfEqual(int one, int other, Label to) {
    code.lload(one).lload(other).lcmp().ifeq(to);
  }

  void repeatUnlessEqual(int one, int other, Label to) {
    code.lload(one).lload(other).lcmp().ifne(to);
  }

  void decrementAndRepeat(int count, Label to) {
    code.iinc(count, -1).iload(count).ifne(to);
  }

  void intAt(int address, int offset) {
    all();
    code.getstatic(LAYOUT, "JAVA_INT_UNALIGNED", INT_LAYOUT);
    rowAddress(address, 0, 0);
    code.loadConstant((long) offset).ladd();
    code.invokeinterface(SEGMENT, "get", MethodTypeDesc.of(CD_int, INT_LAYOUT, CD_long));
  }

  void loadFloats(int address, int offset) {
    species(FLOATS);
    all();
    rowAddress(address, 0, 0);
    code.loadConstant((long) offset).ladd();
    order();
    code.invokestatic(FLOATS, "fromMemorySegment", LOAD);
  }

  void loadInts(int address, int offset) {
    species(INTS);
    all();
    rowAddress(address, 0, 0);
    code.loadConstant((long) offset).ladd();
    order();
    code.invokestatic(INTS, "fromMemorySegment", LOAD.changeReturnType(INTS));
  }

  void loadInts(int address, int stride, int row, int offset) {
    species(INTS);
    all();
    rowAddress(address, stride, row);
    code.loadConstant((long) offset).ladd();
    order();
    code.invokestatic(INTS, "fromMemorySegment", LOAD.changeReturnType(INTS));
  }

  /** Stores the vector on the stack. */
  void storeFloats(int address, int stride, int row, int offset) {
    all();
    rowAddress(address, stride, row);
    code.loadConstant((long) offset).ladd();
    order();
    code.invokevirtual(
        FLOATS, "intoMemorySegment", MethodTypeDesc.of(CD_void, SEGMENT, CD_long, ORDER));
  }

  void broadcastAt(int address, int stride, int row) {
    species(INTS);
    all();
    code.getstatic(LAYOUT, "JAVA_INT_UNALIGNED", INT_LAYOUT);
    rowAddress(address, stride, row);
    code.invokeinterface(SEGMENT, "get", MethodTypeDesc.of(CD_int, INT_LAYOUT, CD_long));
    code.invokestatic(INTS, "broadcast", MethodTypeDesc.of(INTS, SPECIES, CD_int));
    asFloats();
  }

  void asFloats() {
    code.invokevirtual(INTS, "reinterpretAsFloats", MethodTypeDesc.of(FLOATS));
  }

  /** sum = floats on the stack x weight + sum. */
  void multiplyAdd(int weight, int sum) {
    code.aload(weight).aload(sum);
    code.invokevirtual(FLOATS, "fma", MethodTypeDesc.of(FLOATS, VECTOR, VECTOR));
    code.astore(sum);
  }

  /** Pushes the lanes of a vector that numbers, modulo its length, name. */
  void select(int numbers, int vector) {
    code.aload(numbers).aload(vector);
    code.invokevirtual(INTS, "selectFrom", MethodTypeDesc.of(INTS, VECTOR));
  }

  /** Pushes which lanes are greater than a number. */
  void isAbove(int vector, int number) {
    code.aload(vector);
    code.getstatic(OPERATORS, "GT", COMPARISON);
    code.loadConstant(number);
    code.invokevirtual(INTS, "compare", MethodTypeDesc.of(MASK, COMPARISON, CD_int));
  }

  /** Of two integer vectors on the stack takes the upper one where a mask is set. */
  void blend(int mask) {
    code.aload(mask);
    code.invokevirtual(INTS, "blend", MethodTypeDesc.of(INTS, VECTOR, MASK));
  }

  /** Puts 0 for what is below it in the vector on the stack, which is also a local variable. */
  void notBelowZero(int vector) {
    code.fconst_0().aload(vector);
    code.getstatic(OPERATORS, "LT", COMPARISON).fconst_0();
    var test = MethodTypeDesc.of(MASK, COMPARISON, CD_float);
    code.invokevirtual(FLOATS, "compare", test);
    var blend = MethodTypeDesc.of(FLOATS, CD_float, MASK);
    code.invokevirtual(FLOATS, "blend", blend);
  }

  private void species(ClassDesc vector) {
    code.getstatic(vector, species, SPECIES);
  }

  private void all() {
    code.getstatic(MEMORY, "ALL", SEGMENT);
  }

  private void order() {
    code.getstatic(ORDER, "LITTLE_ENDIAN", ORDER);
  }

  /** Pushes address + row x stride, which the masks keep within all memory: see above. */
  private void rowAddress(int address, int stride, int row) {
    code.lload(address).loadConstant(ADDRESSES).land();
    if (row > 0) {
      code.iload(stride)
          .loadConstant(row)
          .imul()
          .loadConstant(Integer.MAX_VALUE)
          .iand()
          .i2l()
          .ladd();
    }
  }
}
