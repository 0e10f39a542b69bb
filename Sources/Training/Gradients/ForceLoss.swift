// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics

/// The loss over all atoms i and components c of a batch: Σ w_i p(F_ic − T_ic) / (3 Σ w_i), where p is the
/// absolute value in the paper.
struct ForceLoss {
  private let samples: [TrainingSample]
  private let penalty: ForcePenalty

  init(_ samples: [TrainingSample], _ penalty: ForcePenalty) {
    (self.samples, self.penalty) = (samples, penalty)
  }

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
          let error = penalty.of(prediction - force[axis])
          sum += weight * error.penalty
          gradient[row, axis] = Float(error.slope * (weight / total * normalization.forceScale))
        }
        row += 1
      }
    }
    return (sum / total, gradient)
  }
}
