package dev.falconer.server;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.falconer.kernel.Isa;
import dev.falconer.server.admin.Metrics;
import dev.falconer.server.admin.MetricsPage;
import dev.falconer.server.admission.Admission;
import dev.falconer.server.batch.MicroBatches;
import dev.falconer.server.choice.ChoiceRules;
import dev.falconer.server.choice.Machine;
import dev.falconer.server.engine.OrtEngine;
import dev.falconer.server.engine.WorkerPool;
import dev.falconer.server.memory.NativeMemory;
import dev.falconer.server.memory.Slabs;
import dev.falconer.server.model.ModelLoader;
import dev.falconer.server.model.ModelRepository;
import dev.falconer.server.model.ServedModel;
import dev.falconer.server.ranking.Ranker;
import dev.falconer.server.rpc.GrpcServer;
import dev.falconer.server.rpc.RankingService;
import dev.falconer.server.state.StateCache;
import dev.falconer.server.wire.RequestReader;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A running server. Starting loads and checks every model before the port opens; closing drains.
 */
public final class FalconerServer implements AutoCloseable {
  private static final System.Logger log = System.getLogger(FalconerServer.class.getName());

  /** Slabs that wait for their next request keep at most this. */
  private static final long MAX_IDLE_SLAB_BYTES = 256L << 20;

  private final ServerConfig config;
  private final WorkerPool pool;
  private final StateCache states;
  private final ModelRepository models;
  private final @Nullable ScheduledExecutorService poller;
  private final @Nullable MetricsPage metricsPage;
  private final GrpcServer grpc;

  private FalconerServer(
      ServerConfig config,
      WorkerPool pool,
      StateCache states,
      ModelRepository models,
      @Nullable ScheduledExecutorService poller,
      @Nullable MetricsPage metricsPage,
      GrpcServer grpc) {
    this.config = config;
    this.pool = pool;
    this.states = states;
    this.models = models;
    this.poller = poller;
    this.metricsPage = metricsPage;
    this.grpc = grpc;
  }

  /**
   * Returns a server that answers.
   *
   * @throws dev.falconer.bundle.BundleException when a model can't be served, naming what is wrong
   * @throws IOException when a port can't be had
   */
  public static FalconerServer start(ServerConfig config) throws IOException {
    var metrics = new Metrics();
    var memory = new NativeMemory();
    var slabs = new Slabs(MAX_IDLE_SLAB_BYTES);
    var states =
        new StateCache(
            memory,
            config.stateCacheBytes(),
            config.stateExpiry(),
            Ticker.systemTicker(),
            new SecureRandom().nextLong());
    var limits =
        new ModelLoader.Limits(
            config.microBatch(), config.maxCandidates(), config.maxMessageBytes());
    var loader =
        new ModelLoader(
            new OrtEngine(config.variants().mostIsa()),
            slabs,
            limits,
            rules(config.variants(), config.threads()),
            states::forget);
    var models = new ModelRepository(config.modelRepository(), loader, listener(metrics));
    var admission = new Admission(config.maxConcurrent());
    metrics.watch(
        new Metrics.Gauges(
            states::bytes,
            states::entries,
            states::evictions,
            memory::liveBytes,
            admission::inFlight));
    WorkerPool pool = null;
    MetricsPage page = null;
    boolean started = false;
    try {
      models.load();
      pool = new WorkerPool(config.threads());
      var batches = new MicroBatches(pool, pool::idleThreads);
      var ranker = new Ranker(models, states, batches, slabs);
      var service =
          new RankingService(
              ranker, new RequestReader(slabs), admission, pool, metrics, config.maxMessageBytes());
      page = config.metricsPort() < 0 ? null : new MetricsPage(metrics, config.metricsPort());
      var grpc = new GrpcServer(config.grpcPort(), config.maxMessageBytes(), service);
      started = true;
      return new FalconerServer(config, pool, states, models, poller(config, models), page, grpc);
    } finally {
      if (!started) {
        if (page != null) {
          page.close();
        }
        if (pool != null) {
          pool.close();
        }
        models.close();
      }
    }
  }

  private static ChoiceRules rules(VariantConfig config, int threads) throws IOException {
    var machine = Machine.here();
    return ChoiceRules.of(
        config.wanted(),
        config.cacheFolder(),
        config.budget(),
        Map.of(
            "cpu", machine.cpu(),
            "isa", machine.isa(),
            "server", version(),
            "build", ProgramDigest.of(List.of(origin(FalconerServer.class), origin(Isa.class))),
            "java", Runtime.version().toString(),
            "threads", threads + ", one a run"));
  }

  /** Returns the jar or folder that a class is of. */
  private static Path origin(Class<?> type) {
    return Path.of(URI.create(type.getProtectionDomain().getCodeSource().getLocation().toString()));
  }

  /** Returns the version of this program; of a folder of classes there is none. */
  private static String version() {
    return Objects.requireNonNullElse(
        FalconerServer.class.getPackage().getImplementationVersion(), "unknown");
  }

  private static ModelRepository.Listener listener(Metrics metrics) {
    return new ModelRepository.Listener() {
      @Override
      public void onServed(ServedModel model) {
        var choice = model.choice();
        metrics.served(
            model.spec().name(), model.spec().version(), choice.key(), choice.speedups());
      }

      @Override
      public void onReplaced(ServedModel model) {
        var choice = model.choice();
        metrics.replaced(
            model.spec().name(), model.spec().version(), choice.key(), choice.speedups().keySet());
      }

      @Override
      public void onRefused(Path folder) {
        metrics.refused();
      }
    };
  }

  private static @Nullable ScheduledExecutorService poller(
      ServerConfig config, ModelRepository models) {
    if (config.repositoryPoll().isZero()) {
      return null;
    }
    var poller =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("falconer-repository").daemon(true).factory());
    long nanos = config.repositoryPoll().toNanos();
    var _ = poller.scheduleWithFixedDelay(() -> poll(models), nanos, nanos, TimeUnit.NANOSECONDS);
    return poller;
  }

  private static void poll(ModelRepository models) {
    try {
      models.poll();
    } catch (RuntimeException e) {
      // A poll that throws would be the last.
      log.log(System.Logger.Level.ERROR, "looking for new versions failed", e);
    }
  }

  /** Returns the port that answers gRPC. */
  public int port() {
    return grpc.port();
  }

  /** Returns the port of the metrics page, or -1. */
  public int metricsPort() {
    return metricsPage == null ? -1 : metricsPage.port();
  }

  /** Looks for new versions now, as the poll does. */
  public void pollRepository() {
    models.poll();
  }

  /**
   * Drains and stops: health says NOT_SERVING at once, requests in flight end within the exit
   * timeout, then everything is closed.
   */
  @Override
  public void close() {
    try {
      if (!grpc.drain(config.exitTimeout())) {
        log.log(
            System.Logger.Level.WARNING,
            "requests in flight did not end within {0} s",
            config.exitTimeout().toSeconds());
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
    if (poller != null) {
      poller.shutdown();
    }
    pool.close();
    models.close();
    states.close();
    if (metricsPage != null) {
      metricsPage.close();
    }
  }
}
