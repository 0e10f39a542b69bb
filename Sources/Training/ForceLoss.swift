// SPDX-License-Identifier: MIT

import Networks
import Numerics

/// The loss of the paper over all atoms i and components c of a batch: Σ w_i |F_ic − T_ic| / (3 Σ w_i).
struct ForceLoss {
  private let samples: [TrainingSample]

  init(_ samples: [TrainingSample]) { self.samples = samples }

  /// The loss of a network's output, three columns an atom, and its derivative by each of them: 0
  /// where prediction and target are equal.
  func evaluate(
    _ output: FloatMatrix, _ normalization: TargetNormalization
  ) -> (loss: Double, gradient: FloatMatrix) {
    let gradient = FloatMatrix(rows: output.rows, columns: 3)
    let total = 3 * samples.reduce(0) { $0 + $1.weights.reduce(0, +) }
    var (sum, row) = (0.0, 0)
    for sample in samples {
      for (force, weight) in zip(sample.forces, sample.weights) {
        for axis in 0..<3 {
          let prediction =
            Double(output[row, axis]) * normalization.forceScale + normalization.forceMean
          let error = prediction - force[axis]
          sum += weight * abs(error)
          let slope = weight / total * normalization.forceScale
          gradient[row, axis] = error == 0 ? 0 : Float(error > 0 ? slope : -slope)
        }
        row += 1
      }
    }
    return (sum / total, gradient)
  }
}
