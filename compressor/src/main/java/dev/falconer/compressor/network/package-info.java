/** Methods that look across the layers of a network. Pure functions of numbers and matrices. */
@NullMarked
package dev.falconer.compressor.network;

import org.jspecify.annotations.NullMarked;
