package dev.falconer.compressor.solver;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

class TensorDeviceTest {
  @Test
  void theProcessorIsTheDefaultAndAlwaysThere() {
    assertEquals(TensorDevice.CPU, TensorDevice.current());
    assertEquals(TensorDevice.CPU, TensorDevice.parse("cpu"));
    assertFalse(TensorDevice.CPU.isRemote());
    assertEquals(7, TensorDevice.CPU.call(() -> 7));
  }

  @Test
  void aDeviceThatIsNotThereIsRefused() {
    assertSays("device \"tpu\", want cpu, cuda", "tpu");
    assertSays("device cuda:99: libtorch sees", "cuda:99");
  }

  private static void assertSays(String message, String name) {
    var error = assertThrows(IllegalArgumentException.class, () -> TensorDevice.parse(name));
    assertTrue(String.valueOf(error.getMessage()).contains(message), error.getMessage());
  }

  @Test
  void workKnowsItsDevice() {
    var other = new TensorDevice("cuda:3");

    assertEquals(other, other.call(TensorDevice::current));
    assertEquals(TensorDevice.CPU, TensorDevice.current());
  }

  @Test
  void memoryApartIsCopiedBothWays() {
    try (var _ = new PointerScope()) {
      var memory = new FloatMemory(1, 2, true);
      memory.put(new float[] {1, 2});
      memory.tensor().mul_(new org.bytedeco.pytorch.Scalar(3));
      var values = new float[2];
      memory.get(values);
      assertArrayEquals(new float[] {3, 6}, values);
    }
  }

  @Test
  void aGpuGivesTheProcessorsErrors() {
    assumeTrue(torch.cuda_is_available(), "libtorch sees no GPU");
    LayerProblem problem = new Problems.Case(64, 64, "2:4", true, 5).problem();
    double onProcessor = Alps.standard().solve(problem).relativeError();

    double onGpu =
        TensorDevice.parse("cuda").call(() -> Alps.standard().solve(problem)).relativeError();

    assertEquals(onProcessor, onGpu, .01 * onProcessor);
  }
}
