// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics
import Structures
import Training

@testable import ReferenceNetworks

/// The loss of energies and forces of a batch in double precision, for networks whose forces are derivatives,
/// with its derivatives by dual numbers, structure by structure.
struct ReferenceEnergyLoss {
  let model: NetworkModel
  let batch: [TrainingSample]
  let energyWeight: Double
  let forceWeight: Double

  func value(_ tensors: [String: ReferenceTensor]) -> Double {
    batch.reduce(0) { sum, sample in
      sum + terms(sample, evaluate(sample, tensors, along: nil)).loss
    }
  }

  /// The loss and its derivatives by trained tensors.
  func differentiate(
    _ tensors: [String: ReferenceTensor]
  ) -> (value: Double, gradients: [String: [Double]]) {
    var (value, gradients) = (0.0, [String: [Double]]())
    for sample in batch {
      let (loss, ofEnergy, ofForces) = terms(sample, evaluate(sample, tensors, along: nil))
      value += loss
      // Forces are minus the slope of E: what the loss has for a slope by them moves atoms backwards.
      let scale = model.normalization.forceScale
      let found = evaluate(sample, tensors, along: ofForces.map { $0 * -scale })
      for (name, sums) in found.gradients {
        let slopes = sums.map {
          $0.tangent + ofEnergy * model.normalization.energyScale * $0.value
        }
        gradients[name] = gradients[name].map { zip($0, slopes).map(+) } ?? slopes
      }
    }
    return (value, gradients)
  }

  private func evaluate(
    _ sample: TrainingSample, _ tensors: [String: ReferenceTensor], along direction: [Vector3]?
  ) -> ReferenceEnergy {
    ReferenceEnergy.evaluate(
      model.architecture, Reference.graph(model.architecture, [sample.structure]),
      tensors: tensors, direction: direction)
  }

  private func terms(
    _ sample: TrainingSample, _ found: ReferenceEnergy
  ) -> (loss: Double, ofEnergy: Double, ofForces: [Vector3]) {
    let normalization = model.normalization
    let whole = 3 * batch.reduce(0) { $0 + $1.weights.reduce(0, +) }
    let count = Double(batch.filter { $0.energy != nil }.count)
    var (loss, ofEnergy) = (0.0, 0.0)
    if let target = sample.energy {
      var energy = found.energies[0] * normalization.energyScale + normalization.energyMean
      for element in sample.structure.elements {
        energy += normalization.elementEnergies[element] ?? 0
      }
      loss += energyWeight * abs(energy - target) / count
      ofEnergy = energyWeight * (energy > target ? 1 : -1) / count
    }
    let ofForces = sample.forces.indices.map { atom in
      let error =
        found.forces[atom] * normalization.forceScale
        + Vector3(repeating: normalization.forceMean) - sample.forces[atom]
      let weight = forceWeight * sample.weights[atom] / whole
      loss += weight * (abs(error.x) + abs(error.y) + abs(error.z))
      return Vector3(
        error.x > 0 ? weight : -weight, error.y > 0 ? weight : -weight,
        error.z > 0 ? weight : -weight)
    }
    return (loss, ofEnergy, ofForces)
  }
}
