/** Turns a request in JSON into a call, and its answer into a printed slate. */
@NullMarked
package dev.falconer.loadtest.rank;

import org.jspecify.annotations.NullMarked;
