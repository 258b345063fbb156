package dev.falconer.compressor.learn;

import java.nio.file.Path;
import java.time.Duration;

/**
 * Where a training keeps its state: written at each epoch's end, at intervals, and when it is
 * stopped.
 *
 * @param file written beside and moved into place
 * @param every longest time between two writes
 * @param resume go on from the file when it exists; else it must not exist yet
 */
public record Checkpoints(Path file, Duration every, boolean resume) {}
