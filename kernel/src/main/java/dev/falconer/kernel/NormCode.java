package dev.falconer.kernel;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;

/**
 * The code of {@link NormKernel} for one vector width. The mean is taken twice, the second time of
 * what is left, so that rows far from zero lose nothing; the variance is of that too.
 */
final class NormCode {
  /** A variance beyond is that of floats whose squares may not be floats. */
  private static final float LEAST = 1e-33f;

  private static final float MOST = 1e32f;

  private final CodeBuilder builder;
  private final VectorCode code;
  private final int bytes;
  private final boolean isPadded;

  // The parameters and what is at hand, as local variables.
  private final int x;
  private final int xBytes;
  private final int rows;
  private final int vectors;
  private final int keep;
  private final int scale;
  private final int shift;
  private final int part;
  private final int epsilon;
  private final int y;
  private final int yBytes;
  private final int end;
  private final int at;
  private final int to;
  private final int kept;
  private final int scales;
  private final int shifts;

  NormCode(CodeBuilder builder, int bits, boolean isPadded) {
    this.builder = builder;
    this.code = new VectorCode(builder, bits);
    this.bytes = bits / Byte.SIZE;
    this.isPadded = isPadded;
    int[] parameters = new int[11];
    Arrays.setAll(parameters, code::parameter);
    x = parameters[0];
    xBytes = parameters[1];
    rows = parameters[2];
    vectors = parameters[3];
    keep = parameters[4];
    scale = parameters[5];
    shift = parameters[6];
    part = parameters[7];
    epsilon = parameters[8];
    y = parameters[9];
    yBytes = parameters[10];
    end = code.local(TypeKind.LONG);
    at = code.local(TypeKind.LONG);
    to = code.local(TypeKind.LONG);
    kept = code.local(TypeKind.LONG);
    scales = code.local(TypeKind.LONG);
    shifts = code.local(TypeKind.LONG);
  }

  void write() {
    int done = code.local(TypeKind.INT);
    int sum = code.vector();
    int squares = code.vector();
    int mean = code.vector();
    int rest = code.vector();
    int value = code.vector();
    int factor = code.vector();
    int number = code.local(TypeKind.FLOAT);
    int off = code.local(TypeKind.FLOAT);
    Label last = code.newLabel();
    code.setInt(0, done);
    Label row = code.label();

    code.number(0).store(sum);
    Label first = begin();
    code.load(sum).loadFloats(at, 0).plus().store(sum);
    next(first);
    mean(sum, number);
    code.broadcast(number).store(mean);

    code.number(0).store(sum);
    code.number(0).store(squares);
    Label second = begin();
    code.loadFloats(at, 0).load(mean).minus();
    if (isPadded) {
      code.loadFloats(kept, 0).times();
    }
    code.store(value);
    code.load(sum).load(value).plus().store(sum);
    code.load(value).multiplyAdd(value, squares);
    next(second);
    mean(sum, off);
    code.broadcast(off).store(rest);

    mean(squares, number);
    builder.fload(number).fload(off).fload(off).fmul().fsub().fload(epsilon).fadd().fstore(number);
    builder.fload(number).loadConstant(LEAST).fcmpl().iflt(last); // NaN is less, too
    builder.fload(number).loadConstant(MOST).fcmpg().ifgt(last);
    builder
        .dconst_1()
        .fload(number)
        .f2d()
        .invokestatic(
            Math.class.describeConstable().orElseThrow(),
            "sqrt",
            MethodTypeDesc.of(ConstantDescs.CD_double, ConstantDescs.CD_double))
        .ddiv()
        .d2f()
        .fstore(number);
    code.broadcast(number).store(factor);

    code.copy(y, to);
    Label third = begin();
    code.loadFloats(at, 0).load(mean).minus().load(rest).minus().load(factor).times();
    code.loadFloats(scales, 0).loadFloats(shifts, 0).multiplyAdd().storeFloats(to, 0);
    code.add(to, bytes);
    next(third);

    code.addVariable(x, xBytes);
    code.addVariable(y, yBytes);
    code.increment(done);
    code.decrementAndRepeat(rows, row);
    code.bind(last);
    code.leaveWith(done);
  }

  private Label begin() {
    code.copy(x, at);
    code.copy(x, end);
    code.addScaled(end, vectors, bytes);
    code.copy(keep, kept);
    code.copy(scale, scales);
    code.copy(shift, shifts);
    return code.label();
  }

  private void next(Label again) {
    for (int each : new int[] {at, kept, scales, shifts}) {
      code.add(each, bytes);
    }
    code.repeatUnlessEqual(at, end, again); // a loop that counts would be taken apart for nothing
  }

  private void mean(int sum, int to) {
    code.load(sum).sum();
    builder.fload(part).fmul().fstore(to);
  }
}
