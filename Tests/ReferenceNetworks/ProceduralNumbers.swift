// SPDX-License-Identifier: MIT

import Files
import Networks

/// Weights by a formula, so that networks of any size need no files: element *i* of tensor *t* of a
/// model depends on the seed, *t* and *i* alone.
///
/// SplitMix64's output function applied to seed · 2⁴⁰ + t · 2²⁴ + i + 1 golden steps gives 24
/// random bits u, and v = 2u − 1 of [−1, 1).
struct ProceduralNumbers {
  var seed: UInt64

  /// v of one element.
  func value(_ tensor: Int, _ element: Int) -> Double {
    let n = seed << 40 &+ UInt64(tensor) << 24 &+ UInt64(element)
    var z = (n &+ 1) &* 0x9E37_79B9_7F4A_7C15
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    z ^= z >> 31
    return 2 * Double(z >> 40) * 0x1p-24 - 1
  }

  /// A trained tensor: matrices as wide as Xavier's, weights of normalisations around 1.
  func tensor(_ index: Int, _ shape: [Int], isNormWeight: Bool, isNormBias: Bool) -> Tensor {
    let count = shape.reduce(1, *)
    let values = (0..<count).map { i -> Float in
      let v = value(index, i)
      if isNormWeight { return Float(1 + 0.1 * v) }
      if isNormBias { return Float(0.1 * v) }
      guard shape.count == 2 else { return Float(0.05 * v) }
      return Float(v * (6 / Double(shape[0] + shape[1])).squareRoot())
    }
    return Tensor(shape: shape, values: values)
  }
}
