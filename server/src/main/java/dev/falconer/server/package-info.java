/**
 * Falconer's server: turns bundles into a gRPC ranking service. Only Main, ServerConfig and
 * FalconerServer wire it.
 */
@NullMarked
package dev.falconer.server;

import org.jspecify.annotations.NullMarked;
