package dev.falconer.loadtest.demo;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** The command lines of the demo; each can be typed by hand. */
record DemoCommands(Recipe recipe, Folders folders, String data) {
  /** Sizes of the slates that latency is told for. */
  static final String SLATES = "64,256,1024";

  private static final String SEED = "1";

  List<String> generate(String surface) {
    return List.of(
        "generate",
        "--surface",
        surface,
        "--users",
        Integer.toString(recipe.users()),
        "--items",
        Integer.toString(recipe.items()),
        "--requests",
        Integer.toString(recipe.requests()),
        "--out",
        folders.data().toString());
  }

  List<String> train(String fusion, Recipe.Training training, Path out) {
    var command = new ArrayList<>(List.of("train", "--data", data, "--fusion", fusion));
    command.addAll(List.of("--history", Integer.toString(training.history())));
    command.addAll(ranker(training));
    command.addAll(List.of("--out", out.toString()));
    return command;
  }

  List<String> distil() {
    var command =
        new ArrayList<>(List.of("distil", "--teacher", folders.work("teacher.onnx").toString()));
    command.addAll(List.of("--data", data));
    command.addAll(ranker(recipe.student()));
    command.addAll(List.of("--out", folders.work("student.onnx").toString()));
    return command;
  }

  List<String> compress() {
    return List.of(
        "compress",
        "--model",
        folders.work("student.onnx").toString(),
        "--teacher",
        folders.work("teacher.onnx").toString(),
        "--data",
        data,
        "--split",
        recipe.split().text(),
        "--epochs",
        Integer.toString(recipe.fineTune().epochs()),
        "--rate",
        Double.toString(recipe.fineTune().rate()),
        "--out",
        folders.work("sparse.onnx").toString(),
        "--int8-out",
        folders.work("student.int8.onnx").toString());
  }

  List<String> bundle() {
    return List.of(
        "bundle",
        "--model",
        folders.work("sparse.onnx").toString(),
        "--variant",
        "int8=" + folders.work("student.int8.onnx"),
        "--data",
        data,
        "--split",
        recipe.split().text(),
        "--repository",
        folders.repository().toString(),
        "--name",
        folders.model(),
        "--version",
        Integer.toString(folders.version()));
  }

  /** Judges the first against the others on the test slice. */
  List<String> evaluate(Path json, Path judged, Path... against) {
    var command = new ArrayList<>(List.of("evaluate", "--model", judged.toString()));
    for (var other : against) {
      command.addAll(List.of("--against", other.toString()));
    }
    command.addAll(
        List.of("--data", data, "--split", recipe.split().text(), "--json", json.toString()));
    return command;
  }

  List<String> benchModel(Path json, boolean quick) {
    var command = new ArrayList<>(List.of("bench", "model"));
    command.addAll(List.of("--bundle", folders.bundle().toString(), "--candidates", SLATES));
    if (quick) {
      command.add("--quick");
    }
    command.addAll(List.of("--json", json.toString()));
    return command;
  }

  List<String> benchServer(Path json) {
    return List.of(
        "bench", "server", "--bundle", folders.bundle().toString(), "--json", json.toString());
  }

  List<String> rank(String target, int historyMax) {
    return List.of(
        "rank",
        "--target",
        target,
        "--model",
        folders.model(),
        "--data",
        data,
        "--window",
        "%d,%d".formatted(historyMax / 2, historyMax),
        "--top",
        "5");
  }

  List<String> loadtest(String target, boolean quick) {
    var command =
        new ArrayList<>(
            List.of(
                "loadtest",
                "--target",
                target,
                "--bundle",
                folders.bundle().toString(),
                "--scenario",
                "feed.yaml",
                "--out",
                folders.report().toString()));
    if (quick) {
      command.add("--quick");
    }
    return command;
  }

  private List<String> ranker(Recipe.Training training) {
    var options = new ArrayList<String>();
    options.addAll(List.of("--split", recipe.split().text()));
    options.addAll(List.of("--width", Integer.toString(training.width())));
    options.addAll(List.of("--layers", Integer.toString(training.layers())));
    options.addAll(List.of("--heads", Integer.toString(training.heads())));
    options.addAll(
        List.of(
            "--head",
            training.head().stream().map(String::valueOf).collect(Collectors.joining(","))));
    if (training.candidates() > 0) {
      options.addAll(List.of("--candidates", Integer.toString(training.candidates())));
    }
    options.addAll(List.of("--batch", Integer.toString(training.batch())));
    options.addAll(List.of("--epochs", Integer.toString(training.epochs())));
    options.addAll(List.of("--rate", Double.toString(training.rate())));
    options.addAll(List.of("--seed", SEED));
    return options;
  }
}
