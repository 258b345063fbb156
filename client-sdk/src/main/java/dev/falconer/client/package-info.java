/**
 * The typed client of Falconer's ranking server: columns from plain arrays, one call, a slate back.
 * Start at {@link dev.falconer.client.RankingClient}.
 */
@NullMarked
package dev.falconer.client;

import org.jspecify.annotations.NullMarked;
