/** The ranking flow: from a query to a slate. */
@NullMarked
package dev.falconer.server.ranking;

import org.jspecify.annotations.NullMarked;
