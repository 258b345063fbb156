/**
 * Finds the linear maps of a graph, shows their weights as matrices [out, in] and writes matrices
 * back. What is pruned and quantised.
 */
@NullMarked
package dev.falconer.compressor.layer;

import org.jspecify.annotations.NullMarked;
