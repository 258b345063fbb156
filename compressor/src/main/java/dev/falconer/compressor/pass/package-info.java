/**
 * Rewrites graphs, one rewriting per file: each says what it needs, what it does and what holds
 * afterwards, and draws before and after. Called by {@code split}; knows nothing of files or
 * runtimes.
 */
@NullMarked
package dev.falconer.compressor.pass;

import org.jspecify.annotations.NullMarked;
