package dev.falconer.loadtest.demo;

import dev.falconer.bundle.ManifestFile;
import dev.falconer.loadtest.process.Programs;
import dev.falconer.loadtest.process.ServerProcess;
import dev.falconer.v1.Manifest;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;

/**
 * The main job: log, teacher, student, bundle, server, slate, load report; then one table.
 *
 * <p>Two lanes learn side by side, a thread each: what will be served, and the comparison of the
 * ways to read a history. Nothing else runs while latency is measured.
 */
public final class Demo {
  private final Steps steps;
  private final Programs programs;
  private final PrintStream out;
  private final String surface;
  private final Optional<Path> log;
  private final Folders folders;
  private final boolean quick;
  private final Recipe recipe;
  private final DemoCommands commands;

  /**
   * @param surface of the generated log; names the model too
   * @param log a log of one's own, instead of a generated one
   * @param folder for all that is made
   * @param quick the short recipe
   */
  public Demo(
      Programs programs,
      PrintStream out,
      String surface,
      Optional<Path> log,
      Path folder,
      boolean quick)
      throws IOException {
    this.programs = programs;
    this.out = out;
    this.surface = log.isPresent() ? "own" : surface;
    this.log = log;
    this.folders = Folders.of(folder, surface);
    this.quick = quick;
    this.steps = new Steps(programs, out);
    this.recipe = log.isPresent() ? Recipe.ratings() : quick ? Recipe.quick() : Recipe.full();
    var data = log.orElse(folders.data().resolve("log.yaml"));
    this.commands = new DemoCommands(recipe, folders, data.toString());
  }

  /** Runs every step and prints the table. */
  public void run() throws IOException, InterruptedException {
    long start = System.nanoTime();
    Files.createDirectories(folders.work(""));
    Files.createDirectories(folders.report());
    if (log.isEmpty()) {
      steps.run("generate", commands.generate(surface));
    }
    steps.lanes(List.of(lane(this::makeBundle), lane(this::compareFusions)));
    steps.run(
        "evaluate",
        commands.evaluate(
            folders.work("quality.json"), folders.bundle(), folders.work("teacher.onnx")));
    steps.run("bench model", commands.benchModel(folders.work("latency.json"), quick));
    steps.run("bench server", commands.benchServer(folders.work("overhead.json")));
    serve();
    steps.took("total", (System.nanoTime() - start) / 1e9);
    var results = results();
    SummaryFile.write(folders.summary(), results);
    out.print(SummaryTable.text(results, folders));
  }

  private interface Body {
    void run() throws IOException, InterruptedException;
  }

  private static Callable<Void> lane(Body body) {
    return () -> {
      body.run();
      return null;
    };
  }

  private void makeBundle() throws IOException, InterruptedException {
    steps.run("teacher", commands.train("append", recipe.teacher(), folders.work("teacher.onnx")));
    steps.run("distil", commands.distil());
    steps.run("compress", commands.compress());
    steps.run("bundle", commands.bundle());
  }

  private void compareFusions() throws IOException, InterruptedException {
    steps.run("concat", commands.train("concat", recipe.concat(), folders.work("concat.onnx")));
    steps.run("append", commands.train("append", recipe.append(), folders.work("append.onnx")));
    steps.run("none", commands.train("none", recipe.none(), folders.work("none.onnx")));
    steps.run(
        "evaluate fusion",
        commands.evaluate(
            folders.work("fusion.json"),
            folders.work("append.onnx"),
            folders.work("concat.onnx"),
            folders.work("none.onnx")));
  }

  private void serve() throws IOException, InterruptedException {
    int port = ServerProcess.freePort();
    var command = ServerProcess.command(folders.repository(), port, ServerProcess.freePort());
    steps.announce("serve", command);
    long start = System.nanoTime();
    try (var server =
        ServerProcess.start(programs, command, port, line -> steps.say("serve", line))) {
      steps.took("serve", (System.nanoTime() - start) / 1e9);
      Manifest manifest = ManifestFile.read(folders.bundle());
      steps.run("rank", commands.rank(server.target(), manifest.getHistoryMax()));
      steps.run("loadtest", commands.loadtest(server.target(), quick));
    }
  }

  private static Results.Fusion fusion(Figures qualities, Path model) throws IOException {
    return new Results.Fusion(
        QualityFile.model(qualities, model),
        ModelMetadata.read(model, ModelMetadata.CONFIG),
        ModelMetadata.read(model, ModelMetadata.TRAINING));
  }

  private Results results() throws IOException {
    var quality = Figures.read(folders.work("quality.json"));
    var fusion = Figures.read(folders.work("fusion.json"));
    var data = log.map(Path::getFileName).map(Path::toString).orElse("generated, seed 7");
    var student = QualityFile.model(quality, folders.bundle());
    return new Results(
        log.isPresent() && student.task().equals("like") ? "ratings" : surface,
        data,
        QualityFile.model(quality, folders.work("teacher.onnx")),
        student,
        fusion(fusion, folders.work("append.onnx")),
        fusion(fusion, folders.work("concat.onnx")),
        fusion(fusion, folders.work("none.onnx")),
        Figures.read(folders.work("latency.json")).get("latency_ms").node(),
        Figures.read(folders.work("overhead.json")).number("server_overhead_us"),
        steps.seconds());
  }
}
