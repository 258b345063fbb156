package dev.falconer.loadtest.cli;

import dev.falconer.loadtest.demo.Demo;
import dev.falconer.loadtest.process.Programs;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "The main job, each step a command that is printed before it runs: log, teacher, student,",
      "bundle, server, ranked slate, load report; then one table, and the same as summary.json."
    },
    footer = {
      "",
      "Example: falconer demo --quick",
      "         falconer demo --data my-log.yaml --out my-demo"
    })
final class DemoCommand implements Callable<Integer> {
  enum Surface {
    FEED,
    ADS
  }

  @Option(
      names = "--surface",
      defaultValue = "FEED",
      description = "what the generated log is of: ${COMPLETION-CANDIDATES}")
  Surface surface = Surface.FEED;

  @Option(names = "--data", description = "a log of your own, as for falconer train")
  Optional<Path> data = Optional.empty();

  @Option(
      names = "--out",
      defaultValue = "out",
      description = "folder for log, models and reports; ${DEFAULT-VALUE} without it")
  Path out = Path.of("");

  @Option(names = "--quick", description = "about four minutes on two cores")
  boolean quick;

  @Override
  public Integer call() throws Exception {
    var name = surface.name().toLowerCase(Locale.ROOT);
    new Demo(Programs.ofEnvironment(), System.out, name, data, out, quick).run();
    return 0;
  }
}
