/** The commands; thin. */
@NullMarked
package dev.falconer.loadtest.cli;

import org.jspecify.annotations.NullMarked;
