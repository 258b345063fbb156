package dev.falconer.compressor.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class RequestCommandTest {
  @TempDir Path folder = Path.of("");

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private int run(String... arguments) {
    CommandLine commands = Main.commandLine();
    commands.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
    return commands.execute(arguments);
  }

  @BeforeEach
  void generate() {
    String[] sizes = {"--users", "10", "--items", "60", "--requests", "100"};
    String[] arguments = new String[sizes.length + 3];
    arguments[0] = "generate";
    arguments[1] = "--out";
    arguments[2] = folder.toString();
    System.arraycopy(sizes, 0, arguments, 3, sizes.length);
    assertEquals(0, run(arguments), err.toString());
  }

  @Test
  void writesTheLastRequestWithASlateFilledByPopularity() throws IOException {
    Path file = folder.resolve("request.json");

    int status =
        run(
            "request",
            "--data",
            folder.toString(),
            "--user",
            "3",
            "--candidates",
            "20",
            "--out",
            file.toString());

    assertEquals(0, status, err.toString());
    JsonNode request = new ObjectMapper().readTree(Files.readString(file));
    assertEquals("3", request.path("user").asText());
    JsonNode history = request.path("history");
    int events = history.path("history_item").size();
    assertTrue(events > 0);
    assertEquals(events, history.path("history_action").size());
    assertEquals(events, history.path("history_surface").size());
    JsonNode items = request.path("candidates").path("candidate_item");
    var distinct = new HashSet<Long>();
    items.forEach(item -> distinct.add(item.asLong()));
    assertEquals(20, distinct.size());
    assertEquals(20, request.path("candidates").path("candidate_dense").size());
    assertEquals(1, request.path("candidates").path("candidate_dense").path(19).size());
    assertEquals(1, request.path("context").path("context_surface").size());
    assertEquals(1, request.path("context").path("context_dense").path(0).size());
  }

  @Test
  void unknownUserAndMissingLogAreOneLineEach() {
    assertEquals(1, run("request", "--data", folder.toString(), "--user", "nobody"));
    assertTrue(
        err.toString().startsWith("falconer request: user nobody has no request in log.csv"));

    err.getBuffer().setLength(0);
    assertEquals(1, run("request", "--data", folder + "/none.csv", "--user", "3"));
    assertTrue(err.toString().startsWith("falconer request: there is no log "), err.toString());
  }
}
