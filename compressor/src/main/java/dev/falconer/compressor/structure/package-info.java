/**
 * Removes whole groups of a linear layer's inputs together with what produces them: neurons, heads
 * of attention, channels of convolutions. Says for any graph whether that can be done, and cuts it.
 */
@NullMarked
package dev.falconer.compressor.structure;

import org.jspecify.annotations.NullMarked;
