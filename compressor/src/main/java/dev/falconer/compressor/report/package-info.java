/** The report card of a compression: what each layer and each step cost, as JSON and as HTML. */
@NullMarked
package dev.falconer.compressor.report;

import org.jspecify.annotations.NullMarked;
