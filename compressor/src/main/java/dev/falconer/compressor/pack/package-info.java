/**
 * Turns a candidate graph into one of few large operators of domain dev.falconer, their weights
 * packed. What it doesn't know it leaves as it is.
 *
 * <pre>
 * Model ─ Reading: what is computed of every row ─ Finder: pieces ─ Rewriting: nodes, packed weights ─ Model
 * </pre>
 *
 * {@link dev.falconer.compressor.pack.Packing} is the way in. Pure functions of the model.
 */
@NullMarked
package dev.falconer.compressor.pack;

import org.jspecify.annotations.NullMarked;
