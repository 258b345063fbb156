@NullMarked
package dev.falconer.compressor.network;

import org.jspecify.annotations.NullMarked;
