package dev.falconer.compressor.report;

/**
 * What compressing a layer did.
 *
 * @param layer name of its weight
 * @param out outputs
 * @param in inputs
 * @param what was asked for, such as "2:4 by alps"
 * @param density fraction of the weights that stay, 0 to 1
 * @param relativeError share of the energy of the layer's dense outputs that is lost on the
 *     calibration rows
 * @param rows of calibration
 * @param seconds of the solver
 */
public record LayerReport(
    String layer,
    int out,
    int in,
    String what,
    double density,
    double relativeError,
    long rows,
    double seconds) {}
