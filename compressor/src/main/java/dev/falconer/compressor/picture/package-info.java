/**
 * Draws a split as one HTML page that needs no network. Only {@link
 * dev.falconer.compressor.picture.GraphLayout} knows the layout library.
 */
@NullMarked
package dev.falconer.compressor.picture;

import org.jspecify.annotations.NullMarked;
