/**
 * Makes small random ranking graphs in double precision, one per seed, with the roles of their
 * inputs; in some of them one candidate's score depends on another's row. For tests of whatever
 * rewrites such graphs.
 */
@NullMarked
package dev.falconer.compressor.fuzz;

import org.jspecify.annotations.NullMarked;
