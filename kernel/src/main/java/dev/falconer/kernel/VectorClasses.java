package dev.falconer.kernel;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Has Java load what {@link VectorCode} writes of its vectors, all of it before anything is
 * compiled: a class that comes later takes back the code that was compiled without.
 */
final class VectorClasses {
  private VectorClasses() {}

  /** Does every instruction once and returns what came of it. */
  static float load(int bits) {
    VectorSpecies<Float> floats = bits == 512 ? FloatVector.SPECIES_512 : FloatVector.SPECIES_256;
    VectorSpecies<Integer> ints = bits == 512 ? IntVector.SPECIES_512 : IntVector.SPECIES_256;
    var order = ByteOrder.LITTLE_ENDIAN;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment some = arena.allocate(floats.vectorByteSize());
      FloatVector one = FloatVector.fromMemorySegment(floats, some, 0, order);
      FloatVector two = FloatVector.broadcast(floats, 2);
      FloatVector all = one.add(two).sub(one).mul(two).div(two).fma(two, one);
      all = all.blend(0, all.compare(VectorOperators.LT, 0));
      all = all.blend(0, all.compare(VectorOperators.GT, 1e9f));
      IntVector whole = all.reinterpretAsInts().max(IntVector.broadcast(ints, 1));
      whole = whole.add(1).lanewise(VectorOperators.LSHL, 1).selectFrom(whole);
      whole = whole.selectFrom(whole, whole);
      IntVector more = IntVector.fromMemorySegment(ints, some, 0, order);
      whole = whole.blend(more, more.compare(VectorOperators.GT, 1));
      whole.reinterpretAsFloats().intoMemorySegment(some, 0, order);
      IntVector places = IntVector.zero(ints).addIndex(1).lanewise(VectorOperators.XOR, 1);
      float lane = places.selectFrom(whole).reinterpretAsFloats().lane(0);
      return whole.compare(VectorOperators.GT, 0).anyTrue() ? lane : -lane;
    }
  }
}
