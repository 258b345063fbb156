/** Runs the main job from a log to a load report, each step a real command. */
@NullMarked
package dev.falconer.loadtest.demo;

import org.jspecify.annotations.NullMarked;
