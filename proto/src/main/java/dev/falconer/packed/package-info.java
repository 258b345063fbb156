/** Weights in the order in which the operators of domain dev.falconer read them. */
@NullMarked
package dev.falconer.packed;

import org.jspecify.annotations.NullMarked;
