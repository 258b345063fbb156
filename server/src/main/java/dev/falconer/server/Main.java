package dev.falconer.server;

import dev.falconer.bundle.BundleException;
import dev.falconer.kernel.Isa;
import dev.falconer.server.choice.Wanted;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The program {@code falconer serve}. */
@Command(name = "falconer", description = "Falconer's server.", subcommands = Main.Serve.class)
public final class Main {
  private Main() {}

  /** Runs the command; exits with its status. */
  public static void main(String[] args) {
    // One line each, before the first logger is made.
    System.setProperty(
        "java.util.logging.SimpleFormatter.format", "%1$tFT%1$tT.%1$tL %4$s %5$s%6$s%n");
    System.exit(run(args));
  }

  /** Returns the command's status. */
  static int run(String... args) {
    return new CommandLine(new Main()).execute(args);
  }

  /** {@code falconer serve}. */
  @Command(
      name = "serve",
      sortOptions = false,
      description = "Serves the models of a repository, <name>/<version>/, over gRPC.",
      footer = {
        "",
        "Example:",
        "  falconer serve --model-repository models --grpc-port 8001 --metrics-port 8002",
        "",
        "Prints \"listening on HOST:PORT\" when it answers. SIGTERM drains and exits 0."
      })
  static final class Serve implements Callable<Integer> {
    @Option(
        names = {"-h", "--help"},
        usageHelp = true,
        description = "Show this and exit.")
    @SuppressWarnings("unused") // by picocli
    private boolean isHelp;

    @Option(
        names = "--model-repository",
        required = true,
        paramLabel = "DIR",
        description = "Folder of models: <name>/<version>/manifest.json.")
    private Path modelRepository = Path.of("models");

    @Option(names = "--grpc-port", description = "Default ${DEFAULT-VALUE}; 0 for any.")
    private int grpcPort = 8001;

    @Option(
        names = "--metrics-port",
        description =
            "Prometheus metrics at /metrics. Default ${DEFAULT-VALUE}; 0 for any, -1 for none.")
    private int metricsPort = 8002;

    @Option(
        names = "--repository-poll-secs",
        paramLabel = "SECS",
        description = "Look for new versions this often. Default ${DEFAULT-VALUE}: never.")
    private int pollSecs;

    @Option(
        names = "--threads",
        description = "Threads that compute. Default: the processors (${DEFAULT-VALUE}).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
        names = "--state-cache-bytes",
        paramLabel = "BYTES",
        description = "User states kept, off the heap. Default: a quarter of the memory.")
    private long stateCacheBytes = PhysicalMemory.bytes() / 4;

    @Option(
        names = "--state-expiry-secs",
        paramLabel = "SECS",
        description =
            "A state is dropped this long after it was written. Default ${DEFAULT-VALUE}.")
    private int stateExpirySecs = 3600;

    @Option(
        names = "--variant",
        paramLabel = "VARIANT",
        description = {
          "Which graph scores candidates: auto, plain, or another NAME of the manifest; NAME:java and"
              + " NAME:native say what computes operators of domain dev.falconer. Default ${DEFAULT-VALUE}.",
          "auto: at load every variant that this machine can compute and whose scores are those it"
              + " promises is timed beside the plain one at 16, 64 and a micro-batch of candidates. The"
              + " fastest is served, and none that is slower at any of them. The log and the metric"
              + " falconer_variant_speedup tell the ratios.",
          "The environment variable FALCONER_MAX_ISA=java, portable, avx2, avx512 or avx512vnni caps"
              + " what the operators use."
        })
    private String variant = "auto";

    @Option(
        names = "--variant-budget-millis",
        paramLabel = "MS",
        description =
            "Time to spend on timing each variant, once it is warm. Default ${DEFAULT-VALUE}.")
    private int variantBudgetMillis = 1000;

    @Option(
        names = "--cache-dir",
        paramLabel = "DIR",
        description =
            "Where measured choices are kept, for the next start on the same kind of processor. Delete it"
                + " to have them measured anew. Default ${DEFAULT-VALUE}.")
    private Path cacheDir = VariantConfig.cacheFolder(System.getenv());

    @Option(
        names = "--micro-batch",
        paramLabel = "N",
        description = "Candidates per call. Default: the manifest's, measured at bundling.")
    private @Nullable Integer microBatch;

    @Option(
        names = "--max-message-bytes",
        paramLabel = "BYTES",
        description = "Longest request. Default ${DEFAULT-VALUE}.")
    private int maxMessageBytes = 16 << 20;

    @Option(
        names = "--max-candidates",
        paramLabel = "N",
        description = "Most candidates of a request. Default ${DEFAULT-VALUE}.")
    private int maxCandidates = 4096;

    @Option(
        names = "--max-concurrent",
        paramLabel = "N",
        description =
            "Most requests queued or running; more are rejected. Default ${DEFAULT-VALUE}.")
    private int maxConcurrent = 512;

    @Option(
        names = "--exit-timeout-secs",
        paramLabel = "SECS",
        description = "Time for requests in flight on SIGTERM. Default ${DEFAULT-VALUE}.")
    private int exitTimeoutSecs = 30;

    @Override
    public Integer call() throws InterruptedException {
      try {
        var config =
            new ServerConfig(
                modelRepository.toAbsolutePath().normalize(),
                grpcPort,
                metricsPort,
                Duration.ofSeconds(pollSecs),
                threads,
                stateCacheBytes,
                Duration.ofSeconds(stateExpirySecs),
                new VariantConfig(
                    Wanted.parse(variant),
                    cacheDir,
                    Duration.ofMillis(variantBudgetMillis),
                    Isa.most(System.getenv())),
                microBatch == null ? OptionalInt.empty() : OptionalInt.of(microBatch),
                maxMessageBytes,
                maxCandidates,
                maxConcurrent,
                Duration.ofSeconds(exitTimeoutSecs));
        System.getLogger(Main.class.getName())
            .log(System.Logger.Level.INFO, "starting with {0}", config);
        var stop = new CountDownLatch(1);
        onTermination(stop::countDown);
        try (var server = FalconerServer.start(config)) {
          System.out.println("listening on 0.0.0.0:" + server.port());
          if (server.metricsPort() >= 0) {
            System.out.println("metrics on http://0.0.0.0:" + server.metricsPort() + "/metrics");
          }
          System.out.flush();
          stop.await();
        }
        return 0;
      } catch (BundleException | IllegalArgumentException | IOException e) {
        System.err.println("falconer serve: " + e.getMessage());
        return 1;
      }
    }

    /**
     * Runs the action on SIGTERM and SIGINT in place of the JVM's shutdown, whose hooks, one of
     * them ONNX Runtime's, would run beside the requests that are to end first. By reflection,
     * since the compiler warns of sun.misc and can't be told not to.
     */
    private static void onTermination(Runnable action) {
      try {
        Class<?> signal = Class.forName("sun.misc.Signal");
        Class<?> handler = Class.forName("sun.misc.SignalHandler");
        var proxy =
            Proxy.newProxyInstance(
                Main.class.getClassLoader(),
                new Class<?>[] {handler},
                (self, method, arguments) -> {
                  if (method.getName().equals("handle")) {
                    action.run();
                  }
                  return null;
                });
        for (String name : new String[] {"TERM", "INT"}) {
          Object of = signal.getConstructor(String.class).newInstance(name);
          signal.getMethod("handle", signal, handler).invoke(null, of, proxy);
        }
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("can't handle SIGTERM", e);
      }
    }
  }
}
