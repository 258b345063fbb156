/**
 * Which variant of a model is served: timed beside the plain one on this machine, kept in a file,
 * or as the operator says. Receives what scores as functions; knows no graphs.
 */
@NullMarked
package dev.falconer.server.choice;

import org.jspecify.annotations.NullMarked;
