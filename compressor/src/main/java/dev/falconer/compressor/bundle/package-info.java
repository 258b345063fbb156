/**
 * Writes a split model as a version folder of a model repository: graphs, shared weights, golden
 * requests and manifest, made beside and moved into place. Runs models through a function it is
 * given.
 */
@NullMarked
package dev.falconer.compressor.bundle;

import org.jspecify.annotations.NullMarked;
