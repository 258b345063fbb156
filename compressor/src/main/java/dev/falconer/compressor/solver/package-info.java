/**
 * Turns a layer's weight, the statistics of its inputs and a sparsity pattern into a sparse weight.
 * Pure functions of matrices: no graphs, no files. A solver is a record whose components are its
 * hyper-parameters.
 */
@NullMarked
package dev.falconer.compressor.solver;

import org.jspecify.annotations.NullMarked;
