package dev.falconer.compressor.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.falconer.compressor.data.Catalogue;
import dev.falconer.compressor.data.ExampleSchema;
import dev.falconer.compressor.data.Examples;
import dev.falconer.compressor.data.Inputs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Prints a user's ranking request. */
@Command(
    name = "request",
    mixinStandardHelpOptions = true,
    description = {
      "Prints the last ranking request of one user of a log as JSON: the history before it, its"
          + " candidates, its context. Feed it to falconer rank."
    },
    footer = {
      "",
      "Example (after falconer generate --out feed-log):",
      "  falconer request --data feed-log/log.yaml --user 42 --candidates 100 --out request.json"
    })
final class RequestCommand implements Callable<Integer> {
  private static final ObjectMapper JSON = new ObjectMapper();

  @Mixin DataOptions log = new DataOptions();

  @Option(
      names = "--user",
      description =
          "key of the user, as the log has it; without it, the user of the log's last request")
  @Nullable String user;

  @Option(
      names = "--candidates",
      defaultValue = "0",
      description =
          "fill the slate with popular items up to this many; 0, the default, keeps the logged ones")
  int candidates;

  @Option(names = "--out", paramLabel = "FILE", description = "write here instead of printing")
  @Nullable Path out;

  @Spec CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() throws IOException {
    if (candidates < 0) {
      throw new ParameterException(spec.commandLine(), "--candidates must be 0 or more");
    }
    Examples examples = log.open(spec.commandLine().getErr());
    OptionalInt request =
        user == null
            ? examples.all().requests().max() // in time order
            : examples.lastRequestOf(user);
    if (request.isEmpty()) {
      throw new IllegalArgumentException(
          "user %s has no request in %s; users are for example %s"
              .formatted(
                  user,
                  examples.name(),
                  examples.all().first(3).requests().mapToObj(examples::user).distinct().toList()));
    }
    String text =
        JSON.writerWithDefaultPrettyPrinter()
            .writeValueAsString(json(examples, request.getAsInt(), candidates));
    if (out != null) {
      Files.writeString(out, text + "\n");
    } else {
      spec.commandLine().getOut().println(text);
      spec.commandLine().getOut().flush();
    }
    return 0;
  }

  /** The request, its slate filled with popular items up to a number of candidates. */
  static ObjectNode json(Examples examples, int request, int candidates) {
    ExampleSchema schema = examples.schema();
    ObjectNode root = JSON.createObjectNode();
    root.put("user", examples.user(request));
    root.set("history", history(examples, request));

    Map<Integer, Integer> slate = new LinkedHashMap<>(); // item -> its place in the request
    for (int c = 0; c < examples.candidates(request); c++) {
      slate.putIfAbsent(examples.candidateItem(request, c), c);
    }
    int[] popular = examples.catalogue().byPopularity();
    for (int i = 0; i < popular.length && slate.size() < candidates; i++) {
      slate.putIfAbsent(popular[i], -1);
    }
    root.set("candidates", candidates(examples, request, slate));

    ObjectNode context = root.putObject("context");
    if (!schema.surfaces().isEmpty()) {
      context.putArray(Inputs.CONTEXT_SURFACE).add(examples.surface(request));
    }
    if (!schema.contextDense().isEmpty()) {
      ArrayNode row = context.putArray(Inputs.CONTEXT_DENSE).addArray();
      for (int k = 0; k < schema.contextDense().size(); k++) {
        row.add(examples.contextDense(request, k));
      }
    }
    return root;
  }

  private static ObjectNode history(Examples examples, int request) {
    ObjectNode history = JSON.createObjectNode();
    ArrayNode items = history.putArray(Inputs.HISTORY_ITEM);
    ArrayNode actions = history.putArray(Inputs.HISTORY_ACTION);
    for (int e = 0; e < examples.historyLength(request); e++) {
      addId(items, examples.catalogue(), examples.historyItem(request, e));
      actions.add(examples.historyAction(request, e));
    }
    if (!examples.schema().surfaces().isEmpty()) {
      ArrayNode surfaces = history.putArray(Inputs.HISTORY_SURFACE);
      for (int e = 0; e < examples.historyLength(request); e++) {
        surfaces.add(examples.historySurface(request, e));
      }
    }
    return history;
  }

  /**
   * Columns of the slate; items that weren't logged there get the slate's mean features and bid.
   */
  private static ObjectNode candidates(
      Examples examples, int request, Map<Integer, Integer> slate) {
    ExampleSchema schema = examples.schema();
    ObjectNode candidates = JSON.createObjectNode();
    ArrayNode items = candidates.putArray(Inputs.CANDIDATE_ITEM);
    slate.keySet().forEach(item -> addId(items, examples.catalogue(), item));
    if (!schema.candidateDense().isEmpty()) {
      ArrayNode dense = candidates.putArray(Inputs.CANDIDATE_DENSE);
      slate
          .values()
          .forEach(place -> {
            ArrayNode row = dense.addArray();
            for (int k = 0; k < schema.candidateDense().size(); k++) {
              row.add(
                  place < 0
                      ? mean(examples, request, k)
                      : examples.candidateDense(request, place, k));
            }
          });
    }
    if (schema.bid()) {
      ArrayNode bids = candidates.putArray(Inputs.BID);
      slate
          .values()
          .forEach(place ->
              bids.add(place < 0 ? meanBid(examples, request) : examples.bid(request, place)));
    }
    return candidates;
  }

  private static float meanBid(Examples examples, int request) {
    double sum = 0;
    for (int c = 0; c < examples.candidates(request); c++) {
      sum += examples.bid(request, c);
    }
    return (float) (sum / examples.candidates(request));
  }

  private static float mean(Examples examples, int request, int feature) {
    double sum = 0;
    for (int c = 0; c < examples.candidates(request); c++) {
      sum += examples.candidateDense(request, c, feature);
    }
    return (float) (sum / examples.candidates(request));
  }

  private static void addId(ArrayNode ids, Catalogue catalogue, int item) {
    if (catalogue.hasStringIds()) {
      ids.add(catalogue.idText(item));
    } else {
      ids.add(catalogue.id(item));
    }
  }
}
