/**
 * What a ranking request, a model and an answer are, and whether a request fits a model. Depends on
 * java.* alone.
 */
@NullMarked
package dev.falconer.server.domain;

import org.jspecify.annotations.NullMarked;
