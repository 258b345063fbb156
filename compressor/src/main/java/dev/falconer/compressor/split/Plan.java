package dev.falconer.compressor.split;

import dev.falconer.compressor.axes.Analysis;
import dev.falconer.compressor.onnx.Model;

/**
 * A split found but not checked: the halves, and the graph they were cut from.
 *
 * @param split whose user graph takes no past and whose largest error is NaN
 * @param whole as it was given
 * @param tidy the whole as the passes left it
 * @param analysis of {@code tidy}
 */
public record Plan(SplitModel split, Model whole, Model tidy, Analysis analysis) {}
