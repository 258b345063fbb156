/** Turns a bundle's golden requests into an endless, seeded stream of requests by many users. */
@NullMarked
package dev.falconer.loadtest.traffic;

import org.jspecify.annotations.NullMarked;
