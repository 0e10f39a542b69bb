// SPDX-License-Identifier: MIT

import Networks
import Structures

extension TrainingConfiguration {
  /// What is odd about learning the energies of `data` with a model that had learned before.
  func cautions(_ model: NetworkModel, _ data: TrainingData) -> [String] {
    guard case .model(let path, _) = start, data.frames.hasEnergies, energyShift == nil else {
      return []
    }
    let remedy =
      "; under data, `energy_shift: auto` fits the shift to the frames, and `energy_weight: 0` under "
      + "training learns forces alone"
    if !model.energyIsTrained {
      return ["\(path) was not trained on energies, whose shift it keeps" + remedy]
    }
    guard let before = model.energyReference, let now = data.energyReference, before != now else {
      return []
    }
    return ["\(path) learned \(before.rawValue) energies, these are \(now.rawValue) ones" + remedy]
  }

  /// Units of forces and energies for a network that is to learn `data`.
  ///
  /// - Parameter learnsEnergies: whether energies count in the loss.
  func normalize(
    _ model: inout NetworkModel, for data: TrainingData, learnsEnergies: Bool
  ) throws {
    if let scale = forceScale {
      guard model.architecture.predictsForces else {
        throw TrainingError.data(
          "data.force_scale is of networks that predict forces; forces of \(model.architecture.name) are "
            + "derivatives of its energies, whose unit is data.energy_scale: leave force_scale out")
      }
      model.normalization.forceScale = scale.value(for: data.frames)
    }
    let isNew = if case .untrained = start { true } else { false }
    let hasEnergies = learnsEnergies && data.frames.hasEnergies
    switch energyShift ?? (isNew && hasEnergies ? .fromData : nil) {
    case .value(let shift):
      (model.normalization.energyMean, model.normalization.elementEnergies) = (shift, [:])
    case .fromData where hasEnergies:
      model.normalization.energyMean = 0
      model.normalization.elementEnergies = try data.frames.elementEnergies()
    case .fromData, nil: break
    }
    var scale: Double?
    switch energyScale ?? (isNew && hasEnergies ? .fromData : nil) {
    case .value(let value): scale = value
    case .fromData where hasEnergies:
      scale = data.frames.energyDeviation(after: model.normalization)
    case .fromData, nil: break
    }
    if let scale {
      model.normalization.energyScale = scale
      // Forces are derivatives of the energy in its unit.
      if !model.architecture.predictsForces { model.normalization.forceScale = scale }
    }
    if learnsEnergies {
      model.energyIsTrained = hasEnergies
      model.energyReference = data.energyReference
    } else if !model.architecture.predictsForces {
      // What forces leave open of energies is not learned.
      model.energyIsTrained = false
    }
  }
}
