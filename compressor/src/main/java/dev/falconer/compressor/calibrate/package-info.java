/**
 * Runs examples through a graph and gathers, for every linear layer, the statistics of its inputs:
 * the gram X'X, the number of rows and a histogram. Knows nothing of solvers' choices.
 */
@NullMarked
package dev.falconer.compressor.calibrate;

import org.jspecify.annotations.NullMarked;
