/** Writes a load test's result as a table, as JSON and as one self-contained HTML page. */
@NullMarked
package dev.falconer.loadtest.report;

import org.jspecify.annotations.NullMarked;
