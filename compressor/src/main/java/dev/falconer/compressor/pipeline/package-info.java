/**
 * The recipe from a trained model to a small one, as a composition of the packages that do the
 * work. Only the commands see it.
 */
@NullMarked
package dev.falconer.compressor.pipeline;

import org.jspecify.annotations.NullMarked;
