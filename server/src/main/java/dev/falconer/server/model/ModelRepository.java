package dev.falconer.server.model;

import dev.falconer.bundle.BundleException;
import dev.falconer.bundle.ManifestFile;
import dev.falconer.server.domain.ErrorCode;
import dev.falconer.server.domain.RequestException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The models of a folder {@code <name>/<version>/}, each in its highest version.
 *
 * <p>Requests read an immutable snapshot in a volatile field; {@link #load} and {@link #poll} are
 * its only writers and exclude each other. A replaced version closes when the last request that
 * holds it ends.
 */
public final class ModelRepository implements AutoCloseable {
  private static final System.Logger log = System.getLogger(ModelRepository.class.getName());
  private static final Pattern VERSION = Pattern.compile("[0-9]{1,9}");

  private final Path root;
  private final ModelLoader loader;
  private final Listener listener;
  private final Map<Path, String> refused = new HashMap<>();
  private volatile Map<String, ServedModel> served = Map.of();

  /** Hears of what is served. Called by the thread that loads. */
  public interface Listener {
    /** A version is served from now on. */
    void onServed(ServedModel model);

    /** A version is no longer given to requests; some may still use it. */
    void onReplaced(ServedModel model);

    /** A version was refused. */
    void onRefused(Path folder);
  }

  /** Creates the repository; nothing is loaded yet. */
  public ModelRepository(Path root, ModelLoader loader, Listener listener) {
    this.root = root;
    this.loader = loader;
    this.listener = listener;
  }

  /**
   * Loads the highest version of each model.
   *
   * @throws BundleException when one can't be served, or there is none
   */
  public synchronized void load() {
    var versions = highestVersions();
    if (versions.isEmpty()) {
      throw new BundleException(
          root
              + ": holds no model; want <name>/<version>/"
              + ManifestFile.NAME
              + ", the version an integer (falconer bundle writes one)");
    }
    versions.values().forEach(this::serve);
  }

  /**
   * Looks for new versions and models, and serves them. A bad one is logged once and changes
   * nothing.
   */
  public synchronized void poll() {
    highestVersions()
        .forEach((name, folder) -> {
          var now = served.get(name);
          if (now != null && now.spec().version().equals(versionOf(folder))) {
            return;
          }
          String stamp = stamp(folder);
          if (stamp.equals(refused.get(folder))) {
            return;
          }
          try {
            serve(folder);
          } catch (BundleException e) {
            refused.put(folder, stamp);
            listener.onRefused(folder);
            log.log(
                System.Logger.Level.ERROR,
                "refused "
                    + folder
                    + ": "
                    + e.getMessage()
                    + (now == null ? "" : "; still serving " + now.spec().title()));
          }
        });
  }

  private void serve(Path folder) {
    long start = System.nanoTime();
    var model = loader.load(folder);
    var next = new HashMap<>(served);
    var old = next.put(model.spec().name(), model);
    served = Map.copyOf(next);
    listener.onServed(model);
    log.log(
        System.Logger.Level.INFO,
        "serving {0}, variant {1}; loaded in {2} ms",
        model.spec().title(),
        model.choice(),
        (System.nanoTime() - start) / 1_000_000);
    if (old != null) {
      listener.onReplaced(old);
      old.release();
    }
  }

  /**
   * Returns the model, on loan.
   *
   * @param version empty for the served one
   * @throws RequestException {@link ErrorCode#UNKNOWN_MODEL} that names what is there
   */
  public ModelLease lease(String name, String version) {
    while (true) {
      var snapshot = served;
      var model = snapshot.get(name);
      if (model == null) {
        throw new RequestException(
            ErrorCode.UNKNOWN_MODEL,
            "no model '" + name + "'; this server has " + new TreeMap<>(snapshot).keySet());
      }
      if (!version.isEmpty() && !version.equals(model.spec().version())) {
        throw new RequestException(
            ErrorCode.UNKNOWN_MODEL,
            "no version '"
                + version
                + "' of model '"
                + name
                + "'; this server has version "
                + model.spec().version());
      }
      // Fails only when it was replaced and drained just now: the next snapshot has another.
      if (model.tryRetain()) {
        return new ModelLease(model);
      }
      if (snapshot.equals(served)) {
        throw new RequestException(ErrorCode.STOPPING, "the server is stopping");
      }
    }
  }

  /** Returns the models served now. */
  public Collection<ServedModel> served() {
    return served.values();
  }

  private Map<String, Path> highestVersions() {
    var highest = new TreeMap<String, Path>();
    for (Path model : folders(root)) {
      folders(model).stream()
          .filter(folder -> VERSION.matcher(versionOf(folder)).matches())
          .max(java.util.Comparator.comparingInt(folder -> Integer.parseInt(versionOf(folder))))
          .ifPresent(folder -> highest.put(String.valueOf(model.getFileName()), folder));
    }
    return highest;
  }

  private static String versionOf(Path folder) {
    return String.valueOf(folder.getFileName());
  }

  private static List<Path> folders(Path parent) {
    try (var entries = Files.list(parent)) {
      return entries.filter(Files::isDirectory).filter(f -> !versionOf(f).startsWith(".")).toList();
    } catch (IOException e) {
      throw new BundleException(parent + ": can't be listed: " + e.getMessage(), e);
    }
  }

  /** Changes when the manifest does, so that a repaired bundle is tried again. */
  private static String stamp(Path folder) {
    var manifest = folder.resolve(ManifestFile.NAME);
    try {
      return Files.getLastModifiedTime(manifest) + " " + Files.size(manifest);
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** Stops serving; each model closes when the last request that holds it ends. */
  @Override
  public synchronized void close() {
    var last = served;
    served = Map.of();
    last.values().forEach(ServedModel::release);
  }
}
