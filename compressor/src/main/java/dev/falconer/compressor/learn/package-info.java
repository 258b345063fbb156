/**
 * Fits a model's parameters: Adam over {@code execute} under an objective, with early stopping,
 * masks and checkpoints. Receives batches; knows nothing of logs or of how graphs are built.
 */
@NullMarked
package dev.falconer.compressor.learn;

import org.jspecify.annotations.NullMarked;
