/**
 * Files of a bundle: the one meeting point of compressor and server. Reads and writes {@code
 * manifest.json} and {@code golden.bin}, and packs columns.
 */
@NullMarked
package dev.falconer.bundle;

import org.jspecify.annotations.NullMarked;
