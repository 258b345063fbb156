@org.jspecify.annotations.NullMarked
package dev.falconer.compressor.structure;
