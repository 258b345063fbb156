/**
 * Turns protobuf messages into domain values, with one copy from the wire into aligned native
 * memory. Knows nothing of gRPC.
 */
@NullMarked
package dev.falconer.server.wire;

import org.jspecify.annotations.NullMarked;
