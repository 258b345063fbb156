package dev.falconer.compressor.pack;

import dev.falconer.compressor.onnx.Model;

/**
 * A packed variant.
 *
 * @param model the same object as what was packed, when the report is empty
 */
public record Packed(Model model, PackReport report) {}
