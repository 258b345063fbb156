package dev.falconer.compressor.split;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.onnx.proto.OnnxMl.TensorProto;
import dev.falconer.compressor.axes.Roles;
import dev.falconer.compressor.axes.Roles.Role;
import dev.falconer.compressor.axes.SplitRefusal;
import dev.falconer.compressor.evaluate.OrtRunner;
import dev.falconer.compressor.fixture.MeasuredData;
import dev.falconer.compressor.onnx.Model;
import dev.falconer.compressor.onnx.NumericTensor;
import dev.falconer.compressor.onnx.OnnxReader;
import dev.falconer.compressor.onnx.Runner;
import dev.falconer.compressor.onnx.Shape;
import dev.falconer.compressor.onnx.TensorData;
import dev.falconer.compressor.onnx.Tensors;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Rankers by others, with the outputs that came with them. The files lie in {@code onnx} of the
 * measured data.
 */
class RealModelsTest {
  private static final Runner.Factory RUNNERS = OrtRunner.factory(1);
  private static final double CLOSE = 1e-5;

  @Test
  void aRankerOfPairsGivesItsReferenceScores() throws IOException {
    var roles =
        new Roles(Map.of("query", Role.USER, "doc1", Role.CANDIDATE, "doc2", Role.CANDIDATE));

    SplitModel split = matchesReference("vespa_pairwise_ranker", roles);

    assertEquals(46, percentNotPaid(split));
  }

  @Test
  void aSimilarityGivesItsReferenceScores() throws IOException {
    var roles = new Roles(Map.of("query", Role.USER, "document", Role.CANDIDATE));

    SplitModel split = matchesReference("vespa_custom_similarity", roles);

    assertEquals(41, percentNotPaid(split));
  }

  @Test
  void oneThatJoinsAllRowsIsRefused() throws IOException {
    var roles = new Roles(Map.of("user_input_0", Role.USER, "item_input_0", Role.CANDIDATE));
    Model whole = OnnxReader.read(MeasuredData.of("onnx/SkardiLabs_ncf.onnx"));

    var refusal =
        assertThrows(
            SplitRefusal.class,
            () -> new Splitter(RUNNERS).split(whole, roles, Splitter.Options.DEFAULT));

    assertEquals(SplitRefusal.Code.MIXES_ROWS, refusal.code());
    assertTrue(
        refusal.getMessage().contains("_class__keras_layers_merge_Concatenate__"),
        refusal.getMessage());
  }

  /** Splits and scores every row of the reference for the user that stands in it. */
  private static SplitModel matchesReference(String name, Roles roles) throws IOException {
    Model whole = OnnxReader.read(MeasuredData.of("onnx/" + name + ".onnx"));
    SplitModel split = new Splitter(RUNNERS).split(whole, roles, Splitter.Options.DEFAULT);
    Path folder = MeasuredData.of("onnx/io/" + name + "/test_data_set_0");
    var inputs = new LinkedHashMap<String, NumericTensor>();
    for (int i = 0; i < whole.graph().inputs().size(); i++) {
      inputs.put(
          whole.graph().inputs().get(i).name(), tensor(folder.resolve("input_" + i + ".pb")));
    }
    float[] expected = tensor(folder.resolve("output_0.pb")).toFloats();
    String output = whole.graph().outputs().getFirst().name();
    long rows = inputs.values().iterator().next().shape().dim(0);
    assertEquals(rows, expected.length);
    try (Runner user = RUNNERS.open(split.user());
        Runner candidate = RUNNERS.open(split.candidate())) {
      for (int row = 0; row < rows; row++) {
        var one = new LinkedHashMap<String, TensorData>();
        for (var input : inputs.entrySet()) {
          one.put(input.getKey(), Tensors.slice(input.getValue(), 0, row, row + 1L));
        }
        one.putAll(user.run(one));
        NumericTensor score = (NumericTensor) candidate.run(one).get(output);
        assertEquals(expected[row], score.at(0), CLOSE, name + ", row " + row);
      }
    }
    return split;
  }

  private static long percentNotPaid(SplitModel split) {
    Flops flops = split.flops();
    double once = flops.unread() + flops.perUser();
    return Math.round(100 * once / (once + flops.perRequest() + flops.perCandidate()));
  }

  private static NumericTensor tensor(Path file) throws IOException {
    TensorProto proto = TensorProto.parseFrom(Files.readAllBytes(file));
    Shape shape = Shape.of(proto.getDimsList().stream().mapToLong(Long::longValue).toArray());
    assertEquals(TensorProto.DataType.FLOAT_VALUE, proto.getDataType(), file.toString());
    if (!proto.hasRawData()) {
      var values = new float[proto.getFloatDataCount()];
      for (int i = 0; i < values.length; i++) {
        values[i] = proto.getFloatData(i);
      }
      return TensorData.floats(shape, values);
    }
    ByteBuffer raw = proto.getRawData().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    return NumericTensor.copied(
        dev.falconer.compressor.onnx.DType.FLOAT32, shape, MemorySegment.ofBuffer(raw));
  }
}
