/**
 * Cuts candidates into micro-batches and runs them over the pool. Receives the scorer as a
 * function.
 */
@NullMarked
package dev.falconer.server.batch;

import org.jspecify.annotations.NullMarked;
