// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics

/// What energies and forces count in a loss.
public struct LossWeights: Hashable, Sendable {
  /// Of the mean error of energies, in eV.
  public var energy: Double
  /// Of the mean error of forces, in eV/Å.
  public var force: Double

  /// Forces alone, as in the ForceNet paper.
  public static let forces = LossWeights(energy: 0, force: 1)
  /// Both, as in the released configurations of networks of energies.
  public static let both = LossWeights(energy: 1, force: 30)

  /// So much of each.
  public init(energy: Double, force: Double) { (self.energy, self.force) = (energy, force) }
}

/// The loss of a batch of energies and forces.
///
/// It is energy weight · mean |E − T| over the structures that have an energy to learn, in eV, + force weight ·
/// Σ w_i p(F_ic − T_ic) / (3 Σ w_i) over all atoms i and components c, in eV/Å, where p is the absolute value
/// in the paper (``ForcePenalty``).
struct BatchLoss: Sendable {
  private let samples: [TrainingSample]
  private let penalty: ForcePenalty
  private let weights: LossWeights
  /// 3 Σ w_i; 1 if no atom has a weight, so that the sum over none is 0.
  private let total: Double
  private let energies: Double

  init(
    _ samples: [TrainingSample], _ penalty: ForcePenalty, _ weights: LossWeights = .forces
  ) {
    (self.samples, self.penalty, self.weights) = (samples, penalty, weights)
    let total = 3 * samples.reduce(0) { $0 + $1.weights.reduce(0, +) }
    self.total = total > 0 ? total : 1
    energies = Double(samples.reduce(0) { $0 + ($1.energy == nil ? 0 : 1) })
  }

  /// The part of the loss that a structure's energy (eV) has, and its derivative by the energy: 0 where
  /// prediction and target are equal, or there is no target.
  func energy(_ number: Int, _ energy: Double) -> (loss: Double, slope: Double) {
    guard let target = samples[number].energy, weights.energy != 0 else { return (0, 0) }
    let error = ForcePenalty.absolute.of(energy - target)
    let share = weights.energy / energies
    return (share * error.penalty, share * error.slope)
  }

  /// The derivatives of the loss by a structure's forces (eV/Å), each times `scale`; what they count, but for
  /// ``force(ofSum:)``, is added to `sum`, term after term.
  func forces(
    _ number: Int, _ forces: [Vector3], scale: Double = 1, addingTo sum: inout Double
  ) -> [Vector3] {
    let sample = samples[number]
    return forces.indices.map { atom in
      let share = sample.weights[atom] / total * scale * weights.force
      var slope = Vector3.zero
      for axis in 0..<3 {
        let error = penalty.of(forces[atom][axis] - sample.forces[atom][axis])
        sum += sample.weights[atom] * error.penalty
        slope[axis] = error.slope * share
      }
      return slope
    }
  }

  /// The part of the loss that sums over all structures' forces come to.
  func force(ofSum sum: Double) -> Double { sum / total * weights.force }
}
