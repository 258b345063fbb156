package dev.falconer.loadtest.traffic;

import dev.falconer.bundle.BundleException;
import dev.falconer.bundle.GoldenFile;
import dev.falconer.bundle.ManifestFile;
import dev.falconer.client.FeatureColumn;
import dev.falconer.v1.Column;
import dev.falconer.v1.ColumnSpec;
import dev.falconer.v1.Golden;
import dev.falconer.v1.Manifest;
import dev.falconer.v1.RankRequest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The golden requests of a bundle, taken apart into rows: events, users, candidates, contexts.
 *
 * @param manifest of the bundle
 * @param golden its requests
 * @param events history columns, one row per event
 * @param users user columns with one row per request
 * @param candidates candidate columns, one row per candidate
 * @param contexts context columns, one row per request
 */
public record Pools(
    Manifest manifest,
    List<Golden> golden,
    List<RowPool> events,
    List<RowPool> users,
    List<RowPool> candidates,
    List<RowPool> contexts) {

  /** Copies the lists. */
  public Pools {
    golden = List.copyOf(golden);
    events = List.copyOf(events);
    users = List.copyOf(users);
    candidates = List.copyOf(candidates);
    contexts = List.copyOf(contexts);
  }

  /** Returns the pools of a bundle's version folder. */
  public static Pools read(Path bundle) {
    var manifest = ManifestFile.read(bundle);
    return of(manifest, GoldenFile.read(bundle.resolve(GoldenFile.NAME)));
  }

  /** Returns the pools of golden requests. */
  public static Pools of(Manifest manifest, List<Golden> golden) {
    if (golden.isEmpty()) {
      throw new BundleException(
          "bundle %s %s has no golden requests to draw load from"
              .formatted(manifest.getName(), manifest.getVersion()));
    }
    var perEvent =
        manifest.getColumnsList().stream()
            .filter(ColumnSpec::getHistory)
            .map(ColumnSpec::getName)
            .collect(Collectors.toSet());
    var pools =
        new Pools(
            manifest,
            golden,
            pools(golden, RankRequest::getHistoryList).stream()
                .filter(pool -> perEvent.contains(pool.name()))
                .toList(),
            pools(golden, RankRequest::getHistoryList).stream()
                .filter(pool -> !perEvent.contains(pool.name()))
                .toList(),
            pools(golden, RankRequest::getCandidateList),
            pools(golden, RankRequest::getRequestList));
    if (size(pools.candidates()) == 0) {
      throw new BundleException(
          "bundle %s %s: no golden request has a candidate to draw load from"
              .formatted(manifest.getName(), manifest.getVersion()));
    }
    return pools;
  }

  /** Returns these pools for the same model served under another name, when there is one. */
  public Pools named(Optional<String> name) {
    return new Pools(
        manifest.toBuilder().setName(name.orElse(manifest.getName())).build(),
        golden,
        events,
        users,
        candidates,
        contexts);
  }

  /** Returns a golden request's columns with its candidates repeated in turn up to m. */
  public RankRequest tiled(int index, int m) {
    var request = golden.get(index).getRequest();
    var tiled = request.toBuilder().clearCandidate().clearItemIds().setTopK(0);
    for (var column : request.getCandidateList()) {
      var rows = RowPool.of(List.of(column));
      if (rows.size() == 0) {
        throw new BundleException("golden request %d has no candidates".formatted(index));
      }
      var picks = new int[m];
      for (int i = 0; i < m; i++) {
        picks[i] = i % rows.size();
      }
      tiled.addCandidate(column.toBuilder().setData(rows.bytes(picks)));
    }
    return tiled.build();
  }

  /** Returns whether the model reads one row of this user column per history event. */
  public boolean isHistory(String column) {
    return events.stream().anyMatch(pool -> pool.name().equals(column));
  }

  /** Returns how many rows there are to draw from; 0 without columns. */
  static int size(List<RowPool> pools) {
    return pools.isEmpty() ? 0 : pools.getFirst().size();
  }

  static FeatureColumn[] gather(List<RowPool> pools, int... picks) {
    return pools.stream().map(pool -> pool.gather(picks)).toArray(FeatureColumn[]::new);
  }

  private static List<RowPool> pools(
      List<Golden> golden, Function<RankRequest, List<Column>> columns) {
    var pools = new ArrayList<RowPool>();
    int count = columns.apply(golden.getFirst().getRequest()).size();
    for (int i = 0; i < count; i++) {
      int position = i;
      pools.add(
          RowPool.of(
              golden.stream()
                  .map(each -> columns.apply(each.getRequest()).get(position))
                  .toList()));
    }
    return pools;
  }
}
