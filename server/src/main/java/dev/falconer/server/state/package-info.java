/**
 * Keeps user states between requests: weighed in bytes, off-heap, leased, one encoding at a time
 * per user. Receives the encoder as a function.
 */
@NullMarked
package dev.falconer.server.state;

import org.jspecify.annotations.NullMarked;
