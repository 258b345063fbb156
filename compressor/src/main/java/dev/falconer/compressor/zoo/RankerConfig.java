package dev.falconer.compressor.zoo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;

/**
 * Shape of a ranker. Written as JSON into its model's metadata.
 *
 * @param width d, the length of a token; divisible by heads
 * @param layers transformer layers, at least 1 unless fusion is NONE
 * @param historyMax n_max, the longest history in events
 * @param feedForward inner width of a layer's feed-forward part in multiples of width
 * @param crosses cross layers of DCNv2 (arXiv 2008.13535) in the head
 * @param head widths of the head's MLP
 * @param tasks names of the outputs
 * @param actions number of action codes besides 0
 * @param surfaces number of surface codes besides 0; 0 for no surfaces
 * @param categories number of category codes besides 0; 0 for none
 * @param candidateDense dense features per candidate
 * @param contextDense dense features per request
 */
public record RankerConfig(
    Fusion fusion,
    HistoryMask historyMask,
    CandidateSelf candidateSelf,
    int width,
    int layers,
    int heads,
    int historyMax,
    int feedForward,
    int crosses,
    List<Integer> head,
    List<String> tasks,
    int actions,
    int surfaces,
    int categories,
    int candidateDense,
    int contextDense) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** Checks what would make no graph. */
  public RankerConfig {
    head = List.copyOf(head);
    tasks = List.copyOf(tasks);
    if (width < 1 || heads < 1 || width % heads != 0) {
      throw new IllegalArgumentException(
          "width " + width + " must be a positive multiple of heads " + heads);
    }
    if (fusion != Fusion.NONE && (layers < 1 || historyMax < 1)) {
      throw new IllegalArgumentException(
          "layers " + layers + " and history " + historyMax + " must be at least 1");
    }
    if (tasks.isEmpty() || head.isEmpty()) {
      throw new IllegalArgumentException("a ranker needs a task and a head layer");
    }
  }

  /** Returns the JSON of a model's metadata. */
  public String toJson() {
    try {
      return JSON.writeValueAsString(this);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("records of numbers and names always have JSON", e);
    }
  }

  /** Returns the config of a model's metadata. */
  public static RankerConfig fromJson(String json) {
    try {
      return JSON.readValue(json, RankerConfig.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("no ranker config: " + e.getMessage(), e);
    }
  }

  /** Returns the length of a head's query. */
  int headWidth() {
    return width / heads;
  }

  /** Returns the features that the head reads. */
  int features() {
    return (fusion == Fusion.NONE ? width : 2 * width) + candidateDense + contextDense;
  }
}
