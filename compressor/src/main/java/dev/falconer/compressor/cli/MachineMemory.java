package dev.falconer.compressor.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The memory that a Linux machine, or the control group that the process is in, can still give.
 *
 * @param root of the files, / but for tests
 */
record MachineMemory(Path root) {
  private static final Pattern AVAILABLE = Pattern.compile("(?m)^MemAvailable:\\s*([0-9]+) kB$");

  /** Pages of files that a group holds and that are given up when memory is short. */
  private static final Pattern RECLAIMABLE =
      Pattern.compile("(?m)^(?:total_)?inactive_file ([0-9]+)$");

  /** A line of /proc/self/cgroup: hierarchy, controllers (none in version 2), path. */
  private static final Pattern GROUP = Pattern.compile("(?m)^[0-9]+:([^:]*):/?(.*)$");

  /** Returns the memory of this machine. */
  static MachineMemory here() {
    return new MachineMemory(Path.of("/"));
  }

  /** Returns the bytes; none where nothing tells, as on other systems. */
  OptionalLong available() {
    long least = number(AVAILABLE, text(root.resolve("proc/meminfo")), 1024);
    Path groups = root.resolve("sys/fs/cgroup");
    Matcher group = GROUP.matcher(text(root.resolve("proc/self/cgroup")));
    while (group.find()) {
      if (group.group(1).isEmpty()) {
        least = Math.min(least, left(groups, group.group(2), "memory.max", "memory.current"));
      } else if (java.util.Arrays.asList(group.group(1).split(",")).contains("memory")) {
        Path memory = groups.resolve("memory");
        least =
            Math.min(
                least,
                left(memory, group.group(2), "memory.limit_in_bytes", "memory.usage_in_bytes"));
      }
    }
    return least == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(least);
  }

  /** Returns what a group and all groups around it leave; a container sees its own as the root. */
  private static long left(Path mount, String path, String limit, String usage) {
    long least = Long.MAX_VALUE;
    @Nullable Path at = mount.resolve(path).normalize();
    for (; at != null && at.startsWith(mount); at = at.getParent()) {
      long most = whole(at.resolve(limit));
      long used = whole(at.resolve(usage));
      if (most != Long.MAX_VALUE && used != Long.MAX_VALUE) {
        long cached = number(RECLAIMABLE, text(at.resolve("memory.stat")), 1);
        least = Math.min(least, Math.max(0, most - used + (cached == Long.MAX_VALUE ? 0 : cached)));
      }
    }
    return least;
  }

  /** Returns a file's number; the largest where there is no file, or it says max. */
  private static long whole(Path file) {
    try {
      return Long.parseLong(text(file).strip());
    } catch (NumberFormatException e) {
      return Long.MAX_VALUE;
    }
  }

  private static long number(Pattern pattern, String text, long unit) {
    Matcher found = pattern.matcher(text);
    long last = Long.MAX_VALUE;
    while (found.find()) {
      last = unit * Long.parseLong(found.group(1)); // version 1: the total after the group's own
    }
    return last;
  }

  private static String text(Path file) {
    try {
      return Files.isReadable(file) ? Files.readString(file) : "";
    } catch (IOException e) {
      return ""; // nothing tells
    }
  }
}
