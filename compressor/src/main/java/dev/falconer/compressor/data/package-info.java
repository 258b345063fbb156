/**
 * Turns interaction logs into request-grouped examples: one user, the history of events strictly
 * before the request, candidates with a label per task. Read by learn, calibrate and evaluate.
 */
@NullMarked
package dev.falconer.compressor.data;

import org.jspecify.annotations.NullMarked;
