package dev.falconer.kernel;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;

/**
 * Writes instructions of addresses, numbers and jumps; a name of a parameter is a local variable.
 */
sealed class AddressCode permits VectorCode {
  static final ClassDesc SEGMENT = of(MemorySegment.class);
  private static final ClassDesc LAYOUT = of(ValueLayout.class);
  private static final ClassDesc INT_LAYOUT = of(ValueLayout.OfInt.class);
  private static final ClassDesc MEMORY = of(AllMemory.class);

  /** No address has more bits; one that surely hasn't is not compared with a segment's end. */
  private static final long ADDRESSES = Long.MAX_VALUE >>> 1;

  private final CodeBuilder code;

  AddressCode(CodeBuilder code) {
    this.code = code;
  }

  static ClassDesc of(Class<?> type) {
    return type.describeConstable().orElseThrow();
  }

  final int parameter(int index) {
    return code.parameterSlot(index);
  }

  final int local(TypeKind kind) {
    return code.allocateLocal(kind);
  }

  final int vector() {
    return local(TypeKind.REFERENCE);
  }

  final int[] vectors(int count) {
    return IntStream.range(0, count).map(i -> vector()).toArray();
  }

  final Label newLabel() {
    return code.newLabel();
  }

  /** Returns a label that stands here. */
  final Label label() {
    return code.newBoundLabel();
  }

  final void bind(Label label) {
    code.labelBinding(label);
  }

  final void jump(Label to) {
    code.goto_(to);
  }

  final void leave() {
    code.return_();
  }

  final void leaveWith(int number) {
    code.iload(number).ireturn();
  }

  final void copy(int from, int to) {
    code.lload(from).lstore(to);
  }

  final void copyInt(int from, int to) {
    code.iload(from).istore(to);
  }

  final void setInt(int number, int to) {
    code.loadConstant(number).istore(to);
  }

  final void increment(int number) {
    code.iinc(number, 1);
  }

  final void add(int address, int bytes) {
    code.lload(address).loadConstant((long) bytes).ladd().lstore(address);
  }

  final void addVariable(int address, int bytes) {
    code.lload(address).lload(bytes).ladd().lstore(address);
  }

  final void addScaled(int address, int count, int bytes) {
    code.lload(address).iload(count).i2l().loadConstant((long) bytes).lmul().ladd().lstore(address);
  }

  /** Stores the int on the stack times a factor plus a base. */
  final void scaledPlus(int factor, int base, int to) {
    code.i2l().loadConstant((long) factor).lmul().lload(base).ladd().lstore(to);
  }

  final void skipIfZero(int value, Label to) {
    code.iload(value).ifeq(to);
  }

  final void skipIfEqual(int one, int other, Label to) {
    code.lload(one).lload(other).lcmp().ifeq(to);
  }

  final void repeatUnlessEqual(int one, int other, Label to) {
    code.lload(one).lload(other).lcmp().ifne(to);
  }

  final void decrementAndRepeat(int count, Label to) {
    code.iinc(count, -1).iload(count).ifne(to);
  }

  /** Pushes an int of memory. */
  final void intAt(int address, int offset) {
    intAt(address, 0, 0, offset);
  }

  /** Pushes an int of memory. */
  final void intAt(int address, int stride, int row, int offset) {
    all();
    code.getstatic(LAYOUT, "JAVA_INT_UNALIGNED", INT_LAYOUT);
    rowAddress(address, stride, row, offset);
    code.invokeinterface(SEGMENT, "get", MethodTypeDesc.of(CD_int, INT_LAYOUT, CD_long));
  }

  /** Pushes all memory. */
  final void all() {
    code.getstatic(MEMORY, "ALL", SEGMENT);
  }

  /** Pushes address + row x stride + offset, which the masks keep within all memory: see above. */
  final void rowAddress(int address, int stride, int row, int offset) {
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
    if (offset != 0) {
      code.loadConstant((long) offset).ladd();
    }
  }
}
