/** What a load test asks for: a YAML file turned into one checked record. */
@NullMarked
package dev.falconer.loadtest.scenario;

import org.jspecify.annotations.NullMarked;
