package dev.falconer.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.falconer.kernel.Attention.Tokens;
import java.util.ArrayList;
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
import org.junit.jupiter.params.provider.ValueSource;

/** The contract on every instruction set that this machine has. */
@ParameterizedClass
@EnumSource(value = Isa.class, names = "JAVA", mode = EnumSource.Mode.EXCLUDE)
class NativeAttentionTest extends AttentionContract {
  @Parameter Isa isa;

  @BeforeEach
  void thisMachineHasIt() {
    NativeExecutions.assume(isa);
  }

  @Override
  Attention execution() {
    return NativeExecutions.of(isa).attention();
  }

  /** Otherwise the process ends. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void nothingBesideTheTensorsIsTouched(boolean isInt8) {
    for (boolean isBehind : new boolean[] {true, false}) {
      for (int width : new int[] {1, 7, 16, 33, 64}) {
        for (int tokens : new int[] {1, 17, 64}) {
          for (int rows : new int[] {1, 5, 13}) {
            touch(new AttentionShape(2, width, 1, isInt8), tokens, rows, isBehind);
          }
        }
      }
    }
  }

  private void touch(AttentionShape shape, int tokens, int rows, boolean isBehind) {
    try (var memory = new EdgeOfMemory(isBehind)) {
      long size = 4L * shape.all() * tokens;
      int width = shape.width();
      var keys = new Tokens(memory.allocate(size).address(), (long) width * tokens, width);
      var values = new Tokens(memory.allocate(size).address(), width, shape.all());
      long mask = memory.allocate(4L * tokens).address();
      // Bytes behind would not be aligned if it weren't a multiple of 64.
      long state = memory.allocate(execution().bytes(shape, tokens)).address();
      execution().prepare(shape, keys, values, tokens, mask, state);
      long all = 4L * shape.all() * rows;
      execution()
          .run(
              shape,
              state,
              tokens,
              memory.allocate(all).address(),
              shape.all(),
              rows,
              memory.allocate(all).address(),
              memory.allocate(all).address(),
              shape.all(),
              memory.allocate(all).address(),
              shape.all());
    }
  }

  @Test
  void threadsShareIt() throws Exception {
    var tasks = new ArrayList<Callable<Void>>();
    for (int thread = 0; thread < 4; thread++) {
      AttentionCase each = AttentionCase.of(2, 16 + 8 * thread, thread % 2 == 0, 70, 9, thread);
      float[] wanted = each.run(execution());
      tasks.add(() -> {
        for (int i = 0; i < 50; i++) {
          assertArrayEquals(wanted, each.run(execution()), each.toString());
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
