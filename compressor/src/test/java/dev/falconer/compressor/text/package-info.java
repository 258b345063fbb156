/** A small language model on English prose, to compress and to judge by its perplexity. */
@NullMarked
package dev.falconer.compressor.text;

import org.jspecify.annotations.NullMarked;
