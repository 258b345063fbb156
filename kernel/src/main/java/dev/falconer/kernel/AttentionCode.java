package dev.falconer.kernel;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.util.Arrays;

/** The code of {@link AttentionLoops} for one vector width. */
final class AttentionCode {
  private static final int LINE = 64;

  private final CodeBuilder builder;
  private final VectorCode code;
  private final int bytes;

  AttentionCode(CodeBuilder builder, int bits) {
    this.builder = builder;
    this.code = new VectorCode(builder, bits);
    this.bytes = bits / Byte.SIZE;
  }

  private int[] parameters(int count) {
    int[] parameters = new int[count];
    Arrays.setAll(parameters, code::parameter);
    return parameters;
  }

  /** Writes {@link AttentionLoops.Scores} of so many rows and vectors of a tile. */
  void scores(int rows, int vectors) {
    int[] parameters = parameters(7);
    int keys = parameters[2];
    int scores = parameters[6];
    int from = code.local(TypeKind.LONG);
    int end = code.local(TypeKind.LONG);
    int[] sums = code.vectors(rows * vectors);
    int[] key = code.vectors(vectors);
    Label tile = code.label();
    code.number(0);
    for (int i = 1; i < sums.length; i++) {
      code.duplicate().store(sums[i]);
    }
    code.store(sums[0]);
    code.copy(parameters[0], from);
    code.copy(keys, end);
    code.addScaled(end, parameters[3], vectors * bytes);
    // The end of a loop of 32 steps is not foreseen, of 16 it is; 16 registers don't hold two
    // steps.
    int steps = bytes == 64 ? 2 : 1;
    Label step = code.label();
    for (int i = 0; i < steps; i++) {
      for (int v = 0; v < vectors; v++) {
        code.loadFloats(keys, v * bytes).store(key[v]);
      }
      for (int r = 0; r < rows; r++) {
        code.broadcastAt(from, parameters[1], r, 0);
        addProducts(key, sums, r);
      }
      code.add(from, Float.BYTES);
      code.add(keys, vectors * bytes);
    }
    code.repeatUnlessEqual(keys, end, step);
    for (int v = 0; v < vectors; v++) {
      code.loadFloats(parameters[5], v * bytes).store(key[v]);
    }
    for (int i = 0; i < sums.length; i++) {
      int offset = i / vectors * AttentionLoops.ROW_BYTES + i % vectors * bytes;
      code.load(sums[i]).load(key[i % vectors]).plus().storeFloats(scores, offset);
    }
    code.add(parameters[5], vectors * bytes);
    code.add(scores, vectors * bytes);
    code.decrementAndRepeat(parameters[4], tile);
    code.leave();
  }

  /** Adds the products of a row's number on the stack. */
  private void addProducts(int[] by, int[] sums, int row) {
    for (int v = 0; v < by.length; v++) {
      if (v < by.length - 1) {
        code.duplicate();
      }
      code.multiplyAdd(by[v], sums[row * by.length + v]);
    }
  }

  /** Writes {@link AttentionLoops.Sums} of so many rows and vectors of a value. */
  void sums(int rows, int vectors) {
    int[] parameters = parameters(6);
    int shares = parameters[0];
    int values = parameters[2];
    int end = code.local(TypeKind.LONG);
    int[] sums = code.vectors(rows * vectors);
    int[] value = code.vectors(vectors);
    for (int i = 0; i < sums.length; i++) {
      code.loadFloats(parameters[4], parameters[5], i / vectors, i % vectors * bytes);
      code.store(sums[i]);
    }
    code.copy(shares, end);
    code.addScaled(end, parameters[1], Float.BYTES);
    Label step = code.label();
    for (int v = 0; v < vectors; v++) {
      code.loadFloats(values, v * bytes).store(value[v]);
    }
    for (int r = 0; r < rows; r++) {
      code.broadcastAt(shares, 0, 0, r * AttentionLoops.ROW_BYTES);
      addProducts(value, sums, r);
    }
    code.add(shares, Float.BYTES);
    code.addVariable(values, parameters[3]);
    code.repeatUnlessEqual(shares, end, step);
    for (int i = 0; i < sums.length; i++) {
      code.load(sums[i]);
      code.storeFloats(parameters[4], parameters[5], i / vectors, i % vectors * bytes);
    }
    code.leave();
  }

  /** Writes {@link AttentionLoops.Most}. */
  void most() {
    int[] parameters = parameters(3);
    int score = code.vector();
    Label row = code.label();
    code.broadcastAt(parameters[0], 0, 0, 0).store(score);
    code.load(score).whereBelow(score, -Float.MAX_VALUE, -Float.MAX_VALUE);
    code.storeFloats(parameters[2], 0);
    code.add(parameters[0], AttentionLoops.ROW_BYTES);
    code.add(parameters[2], LINE);
    code.decrementAndRepeat(parameters[1], row);
    code.leave();
  }

  /** Writes {@link AttentionLoops.Shares}. */
  void shares() {
    var functions = new FunctionCode(code);
    int[] parameters = parameters(6);
    int scores = parameters[0];
    int shares = parameters[5];
    int done = code.local(TypeKind.INT);
    int left = code.local(TypeKind.INT);
    int from = code.local(TypeKind.LONG);
    int to = code.local(TypeKind.LONG);
    int most = code.vector();
    int largest = code.vector();
    int total = code.vector();
    int x = code.vector();
    int rounded = code.vector();
    Label good = code.newLabel();
    code.setInt(0, done);
    Label row = code.label();
    code.loadFloats(parameters[1], 0).store(most);
    code.number(0).store(largest);
    code.number(0).store(total);
    code.copy(scores, from);
    code.copy(shares, to);
    code.copyInt(parameters[4], left);
    Label vector = code.label();
    code.loadFloats(from, 0).load(most).minus().store(x);
    functions.rounded(x, rounded);
    code.load(rounded).asInts().load(largest).asInts().larger().asFloats().store(largest);
    functions.power(x, rounded);
    code.store(x);
    code.load(x).storeFloats(to, 0);
    code.load(total).load(x).plus().store(total);
    code.add(from, bytes);
    code.add(to, bytes);
    code.decrementAndRepeat(left, vector);
    code.load(largest).asInts();
    code.skipUnlessAnyAbove(FunctionCode.rounded(AttentionLoops.MOST_POWER), good);
    code.leaveWith(done);
    code.bind(good);
    code.load(total).loadFloats(parameters[2], 0).plus().storeFloats(parameters[2], 0);
    code.add(scores, AttentionLoops.ROW_BYTES);
    code.add(shares, AttentionLoops.ROW_BYTES);
    code.add(parameters[1], LINE);
    code.add(parameters[2], LINE);
    code.increment(done);
    code.decrementAndRepeat(parameters[3], row);
    code.leaveWith(done);
  }

  /** Writes {@link AttentionLoops.Own}. */
  void own() {
    int[] parameters = parameters(11);
    int left = code.local(TypeKind.INT);
    int query = code.local(TypeKind.LONG);
    int key = code.local(TypeKind.LONG);
    int value = code.local(TypeKind.LONG);
    int to = code.local(TypeKind.LONG);
    int sum = code.vector();
    int dot = code.local(TypeKind.FLOAT);
    Label row = code.label();
    code.copy(parameters[0], query);
    code.copy(parameters[2], key);
    code.copy(parameters[3], value);
    code.copy(parameters[9], to);
    code.copyInt(parameters[6], left);
    code.number(0).store(sum);
    Label vector = code.label();
    code.loadFloats(query, 0).loadFloats(key, 0).load(sum).multiplyAdd().store(sum);
    code.loadFloats(value, 0).storeFloats(to, 0);
    for (int address : new int[] {query, key, value, to}) {
      code.add(address, bytes);
    }
    code.decrementAndRepeat(left, vector);
    code.load(sum).sum();
    builder.fload(parameters[7]).fmul().fstore(dot);
    code.broadcast(dot).storeFloats(parameters[8], 0);
    code.addVariable(parameters[0], parameters[1]);
    code.addVariable(parameters[2], parameters[4]);
    code.addVariable(parameters[3], parameters[4]);
    code.add(parameters[8], LINE);
    code.addVariable(parameters[9], parameters[10]);
    code.decrementAndRepeat(parameters[5], row);
    code.leave();
  }

  /** Writes {@link AttentionLoops.Quotients}. */
  void quotients() {
    int[] parameters = parameters(7);
    int left = code.local(TypeKind.INT);
    int sums = code.local(TypeKind.LONG);
    int y = code.local(TypeKind.LONG);
    int factor = code.vector();
    int number = code.local(TypeKind.FLOAT);
    Label row = code.label();
    code.loadFloats(parameters[2], 0).sum();
    builder.fstore(number).fconst_1().fload(number).fdiv().fstore(number);
    code.broadcast(number).store(factor);
    code.copy(parameters[0], sums);
    code.copy(parameters[5], y);
    code.copyInt(parameters[4], left);
    Label vector = code.label();
    code.loadFloats(sums, 0).load(factor).times().storeFloats(y, 0);
    code.add(sums, bytes);
    code.add(y, bytes);
    code.decrementAndRepeat(left, vector);
    code.addVariable(parameters[0], parameters[1]);
    code.addVariable(parameters[5], parameters[6]);
    code.add(parameters[2], LINE);
    code.decrementAndRepeat(parameters[3], row);
    code.leave();
  }

  /** Writes {@link AttentionLoops.Transposed}, for vectors of 8. */
  void transposed() {
    int[] parameters = parameters(7);
    int at = code.local(TypeKind.LONG);
    int scale = code.vector();
    int[] rows = code.vectors(8);
    int upper = code.vector();
    int[] orders = code.vectors(2);
    code.broadcast(parameters[3]).store(scale);
    Label group = code.label();
    code.copy(parameters[0], at);
    for (int row : rows) {
      code.loadInts(at, 0);
      code.store(row);
      code.addVariable(at, parameters[1]);
    }
    for (int stage = 0; stage < 3; stage++) {
      int distance = 4 >> stage;
      for (int i = 0; i < 2; i++) {
        code.loadInts(parameters[4], (2 * stage + i) * bytes);
        code.store(orders[i]);
      }
      for (int i = 0; i < 8; i++) {
        if ((i & distance) == 0) {
          code.loadWhole(orders[0])
              .loadWhole(rows[i])
              .loadWhole(rows[i + distance])
              .selectFromTwo()
              .store(upper);
          code.loadWhole(orders[1])
              .loadWhole(rows[i])
              .loadWhole(rows[i + distance])
              .selectFromTwo();
          code.store(rows[i + distance]);
          code.loadWhole(upper).store(rows[i]);
        }
      }
    }
    for (int row : rows) {
      code.loadWhole(row).asFloats().load(scale).times().storeFloats(parameters[5], 0);
      code.addVariable(parameters[5], parameters[6]);
    }
    code.add(parameters[0], bytes);
    code.decrementAndRepeat(parameters[2], group);
    code.leave();
  }
}
