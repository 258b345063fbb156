package dev.falconer.compressor.learn;

import dev.falconer.compressor.onnx.Model;

/** A trained model and how it came about. */
public record Fitted(Model model, TrainingLog log) {}
