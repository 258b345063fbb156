/** Load tests, side-by-side benchmarks and the demo. Called by the launcher. */
@NullMarked
package dev.falconer.loadtest;

import org.jspecify.annotations.NullMarked;
