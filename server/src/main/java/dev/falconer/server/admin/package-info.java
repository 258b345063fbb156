/** Metrics and their HTTP page. */
@NullMarked
package dev.falconer.server.admin;

import org.jspecify.annotations.NullMarked;
