/**
 * Drives a server, open loop and closed loop, and finds the highest rate that keeps the objective.
 */
@NullMarked
package dev.falconer.loadtest.load;

import org.jspecify.annotations.NullMarked;
