package dev.falconer.server.model;

import dev.falconer.bundle.BundleException;
import dev.falconer.bundle.GoldenFile;
import dev.falconer.bundle.ManifestFile;
import dev.falconer.server.domain.ModelSpec;
import dev.falconer.v1.FileDigest;
import dev.falconer.v1.Manifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What must hold of a version folder before a graph is opened. */
final class BundleChecks {
  private BundleChecks() {}

  /** Throws when the manifest is of another folder, or doesn't vouch for each of its files. */
  static void checkNames(Path folder, Manifest manifest) {
    String name = folder.getName(folder.getNameCount() - 2).toString();
    String version = String.valueOf(folder.getFileName());
    if (!manifest.getName().equals(name) || !manifest.getVersion().equals(version)) {
      throw new BundleException(
          folder
              + "/manifest.json: is of "
              + manifest.getName()
              + " version "
              + manifest.getVersion()
              + ", lies in "
              + name
              + "/"
              + version);
    }
    var graphs = manifest.getGraphs();
    if (graphs.getUser().isEmpty() && manifest.getStateCount() > 0) {
      throw new BundleException(
          folder + "/manifest.json: lists a state and no user graph that would give it");
    }
    if (graphs.getCandidateList().isEmpty() && manifest.getStateCount() > 0) {
      throw new BundleException(folder + "/manifest.json: graphs lists no candidate graph");
    }
    Set<String> listed =
        manifest.getFilesList().stream().map(FileDigest::getFile).collect(Collectors.toSet());
    var used = new TreeSet<String>();
    used.add(GoldenFile.NAME);
    used.add(graphs.getWhole());
    if (!graphs.getUser().isEmpty()) {
      used.add(graphs.getUser());
    }
    for (var variant : graphs.getCandidateList()) {
      used.add(variant.getFile());
      if (!variant.getUser().isEmpty()) {
        used.add(variant.getUser());
      }
    }
    used.addAll(present(folder));
    used.removeAll(listed);
    if (!used.isEmpty()) {
      throw new BundleException(
          folder + ": manifest.json lists no digest of " + used + ", so they can't be trusted");
    }
  }

  /** Whatever lies in the folder could be read by a graph as its weights. */
  private static List<String> present(Path folder) {
    try (var files = Files.list(folder)) {
      return files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(file -> !file.equals(ManifestFile.NAME) && !file.startsWith("."))
          .toList();
    } catch (IOException e) {
      throw new BundleException(folder + ": can't be listed: " + e.getMessage(), e);
    }
  }

  /**
   * Throws when the server can't take a full request. The shortest string that a request may be
   * full of is not known: 32 bytes stand for each.
   */
  static void checkMessageSize(ModelSpec spec, int maxCandidates, int maxMessageBytes) {
    long needed = spec.fullRequestBytes(maxCandidates, 32);
    if (needed > maxMessageBytes) {
      throw new BundleException(
          spec.title()
              + ": a request of "
              + maxCandidates
              + " candidates and "
              + spec.historyMax()
              + " events takes "
              + needed
              + " bytes, --max-message-bytes is "
              + maxMessageBytes
              + ": raise it, or lower --max-candidates");
    }
  }
}
