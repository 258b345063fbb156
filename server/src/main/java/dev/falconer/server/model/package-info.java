/**
 * The model repository: verifies, loads, warms, swaps, drains and retires the versions of each
 * model.
 */
@NullMarked
package dev.falconer.server.model;

import org.jspecify.annotations.NullMarked;
