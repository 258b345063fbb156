package dev.falconer.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The contract on every instruction set that this machine has. */
@ParameterizedClass
@EnumSource(value = Isa.class, names = "JAVA", mode = EnumSource.Mode.EXCLUDE)
class NativeMatMulTest extends KernelContract {
  @Parameter Isa isa;

  @BeforeEach
  void thisMachineHasIt() {
    NativeExecutions.assume(isa);
  }

  @Override
  MatMul execution() {
    return NativeExecutions.of(isa).matMul();
  }

  /** Otherwise the process ends. */
  @ParameterizedTest
  @MethodSource("cases")
  void nothingBesideTheTensorsIsTouched(Case each) {
    byte[] bytes = each.packed();
    for (boolean isBehind : new boolean[] {true, false}) {
      for (int rows : new int[] {1, 6, 16, 35}) {
        try (var memory = new EdgeOfMemory(isBehind)) {
          MemorySegment packed = memory.allocate(bytes.length);
          MemorySegment.copy(MemorySegment.ofArray(bytes), 0, packed, 0, bytes.length);
          execution()
              .run(
                  PackedMatrix.at(packed.address(), bytes.length),
                  memory.allocate(4L * rows * each.in()).address(),
                  each.in(),
                  rows,
                  memory.allocate(4L * each.out()).address(),
                  Activation.RELU,
                  memory.allocate(4L * rows * each.out()).address(),
                  each.out());
        }
      }
    }
  }

  @Test
  void threadsShareItAndMeetWeightsOfAllSizes() throws Exception {
    List<Case> cases = cases();
    var tasks = new ArrayList<Callable<Void>>();
    for (int thread = 0; thread < 4; thread++) {
      var random = new Random(thread);
      tasks.add(() -> {
        for (int i = 0; i < 40; i++) {
          Case each = cases.get(random.nextInt(cases.size()));
          try (Arena arena = Arena.ofConfined()) {
            float[] x = rows(each, 20);
            float[] first = run(execution(), each, arena, x, 20);
            assertArrayEquals(first, run(execution(), each, arena, x, 20), each.toString());
          }
        }
        return null;
      });
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(tasks.size())) {
      for (Future<Void> task : threads.invokeAll(tasks)) {
        task.get();
      }
    }
  }
}
