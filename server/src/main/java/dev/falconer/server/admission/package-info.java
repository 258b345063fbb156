/** Decides whether a request may run now: a bound on concurrent requests and the deadline. */
@NullMarked
package dev.falconer.server.admission;

import org.jspecify.annotations.NullMarked;
