/** Starts Falconer's other programs as child processes and ends them. */
@NullMarked
package dev.falconer.loadtest.process;

import org.jspecify.annotations.NullMarked;
