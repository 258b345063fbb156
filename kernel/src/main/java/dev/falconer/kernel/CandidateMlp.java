package dev.falconer.kernel;

import dev.falconer.packed.PackedHeader;

/**
 * Operator CandidateMlp: products one after the other, every row by itself.
 *
 * <pre>
 * inputs      x float32 [.., in]; then of up to 15 layers each a packed weight uint8 [out, in],
 *             constant, as {@link PackedHeader} says, and a bias float32 [out], optional
 * attributes  activations: names of {@link Activation}, one a layer, "relu,relu,none"
 * output      float32 [.., out of the last layer]
 * </pre>
 */
public final class CandidateMlp {
  private CandidateMlp() {}
}
