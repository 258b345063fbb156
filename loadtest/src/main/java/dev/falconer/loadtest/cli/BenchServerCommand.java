package dev.falconer.loadtest.cli;

import dev.falconer.loadtest.bench.Overhead;
import dev.falconer.loadtest.bench.OverheadBench;
import dev.falconer.loadtest.process.Programs;
import dev.falconer.loadtest.process.ServerProcess;
import dev.falconer.loadtest.traffic.Pools;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "server",
    mixinStandardHelpOptions = true,
    description = {
      "Server overhead: p50 of one client's closed loop less p50 of bare ONNX Runtime on the same",
      "golden request, in turn. Starts a server of its own unless told a target, which must then",
      "run with --micro-batch at the candidates or above and the --variant that the bundle serves."
    },
    footer = {"", "Example: falconer bench server --bundle models/feed/1 --json overhead.json"})
final class BenchServerCommand implements Callable<Integer> {
  @Option(names = "--bundle", required = true, description = "version folder of the served model")
  Path bundle = Path.of("");

  @Option(names = "--target", description = "host:port of a running server")
  Optional<String> target = Optional.empty();

  @Option(names = "--candidates", defaultValue = "256", description = "candidates per request")
  int candidates;

  @Option(names = "--rounds", defaultValue = "1500", description = "measured calls of each kind")
  int rounds;

  @Option(names = "--json", description = "file for the figures")
  Optional<Path> json = Optional.empty();

  @Override
  public Integer call() throws Exception {
    var pools = Pools.read(bundle);
    var overhead = target.isPresent() ? run(pools, target.get()) : runOwnServer(pools);
    System.out.print(overhead.text() + overhead.json());
    if (json.isPresent()) {
      Files.writeString(json.get(), overhead.json());
    }
    return 0;
  }

  private Overhead runOwnServer(Pools pools) throws Exception {
    var repository = bundle.toAbsolutePath().resolve("../..").normalize();
    int port = ServerProcess.freePort();
    var command =
        ServerProcess.command(
            repository,
            port,
            ServerProcess.freePort(),
            "--micro-batch",
            Integer.toString(candidates),
            // The bare side runs what the manifest serves.
            "--variant",
            pools.manifest().getGraphs().getServed());
    System.err.println("$ " + Programs.shown(command));
    var programs = Programs.ofEnvironment();
    try (var server =
        ServerProcess.start(programs, command, port, line -> System.err.println(line))) {
      return run(pools, server.target());
    }
  }

  private Overhead run(Pools pools, String at) throws Exception {
    return OverheadBench.run(bundle, pools, at, candidates, rounds);
  }
}
