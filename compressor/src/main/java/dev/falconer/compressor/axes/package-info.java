/**
 * Says of every tensor of a ranking graph what its axes are made of, whose it is, and what is known
 * of its content; refuses graphs in which one candidate's score could depend on another candidate.
 * Used by {@code pass} and {@code split}; one rule file per family of operators.
 */
@NullMarked
package dev.falconer.compressor.axes;

import org.jspecify.annotations.NullMarked;
