package dev.falconer.compressor.learn;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.falconer.compressor.onnx.Model;
import java.util.HashMap;
import java.util.Optional;

/**
 * Where a model's weights come from: JSON in its metadata. Later commands read the same split and
 * batches from it.
 *
 * @param data name of the log
 * @param dataSha256 of the log's files
 * @param trainFraction of the requests in time order that trained it
 * @param validationFraction of the requests after those, for early stopping; the rest tests
 * @param objective "labels", or "teacher" when distilled
 * @param kappa weight of the teacher; 0 without one
 * @param seed of the weights and of the order of batches
 * @param historyMin shortest length that training histories were cut to
 * @param candidates most candidates of a request in training
 * @param steps taken
 * @param bestStep step of the weights kept
 * @param normalizedEntropy of the main task on the validation part at that step
 */
public record TrainingRecord(
    String data,
    @JsonProperty("data_sha256") String dataSha256,
    @JsonProperty("train_fraction") double trainFraction,
    @JsonProperty("validation_fraction") double validationFraction,
    String objective,
    double kappa,
    long seed,
    int epochs,
    int batch,
    double rate,
    @JsonProperty("history_min") int historyMin,
    int candidates,
    int steps,
    @JsonProperty("best_step") int bestStep,
    @JsonProperty("normalized_entropy") double normalizedEntropy) {
  /** Metadata key. */
  public static final String KEY = "falconer.training";

  private static final ObjectMapper JSON = new ObjectMapper();

  /** Returns the model carrying this record. */
  public Model writtenTo(Model model) {
    var metadata = new HashMap<>(model.metadata());
    try {
      metadata.put(KEY, JSON.writeValueAsString(this));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of numbers and names always have JSON", e);
    }
    return model.withMetadata(metadata);
  }

  /** Returns the record that a model carries; empty when it wasn't trained here. */
  public static Optional<TrainingRecord> of(Model model) {
    String json = model.metadata().get(KEY);
    if (json == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(JSON.readValue(json, TrainingRecord.class));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("metadata " + KEY + ": " + e.getMessage(), e);
    }
  }
}
