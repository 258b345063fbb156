@NullMarked
package dev.falconer.compressor.pipeline;

import org.jspecify.annotations.NullMarked;
