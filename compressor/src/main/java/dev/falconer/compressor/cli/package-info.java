/** Commands: thin, each one parses its options and calls the packages that do the work. */
@NullMarked
package dev.falconer.compressor.cli;

import org.jspecify.annotations.NullMarked;
