package dev.falconer.compressor.split;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.TensorData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SplitWriterTest {
  private static final Runner.Factory RUNNERS = OrtRunner.factory(1);

  @Test
  void equalModelsGiveEqualBytes(@TempDir Path folder) throws IOException {
    Path first = Files.createDirectory(folder.resolve("first"));
    Path second = Files.createDirectory(folder.resolve("second"));

    SplitWriter.write(split(ZooModels.causal()), first);
    SplitWriter.write(split(ZooModels.causal()), second);

    for (String file :
        new String[] {SplitWriter.USER, SplitWriter.CANDIDATE, SplitWriter.WEIGHTS}) {
      assertArrayEquals(
          Files.readAllBytes(first.resolve(file)), Files.readAllBytes(second.resolve(file)), file);
    }
  }

  @Test
  void theFilesRunFromTheirFolderAndShareTheirWeights(@TempDir Path folder) throws IOException {
    Model whole = ZooModels.manyItems(2000);
    SplitModel split = split(whole);
    Map<String, TensorData> request =
        new RequestMaker(whole.graph(), split.roles(), split.layout()).make(1, 4, new Random(3));

    SplitWriter.write(split, folder);

    try (Runner files = OrtRunner.open(folder.resolve(SplitWriter.USER), 1);
        Runner memory = RUNNERS.open(split.user())) {
      var feeds = States.fresh(split, request);
      assertEquals(memory.run(feeds), files.run(feeds));
    }
    long table = 2001L * 8 * Float.BYTES;
    long weights = Files.size(folder.resolve(SplitWriter.WEIGHTS));
    assertTrue(weights >= table && weights < 1.5 * table, weights + " bytes, table " + table);
  }

  private static SplitModel split(Model model) {
    return new Splitter(RUNNERS).split(model, ZooModels.roles(model), Splitter.Options.DEFAULT);
  }
}
