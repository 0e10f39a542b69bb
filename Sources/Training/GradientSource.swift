// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics
import Structures

/// A frame to learn from.
public struct TrainingSample: Sendable {
  /// Atoms where they are, with the mask that says which are fixed.
  public var structure: Structure
  /// True forces on every atom in eV/Å.
  public var forces: [Vector3]
  /// Weight of each atom in the loss.
  public var weights: [Double]
  /// True energy in eV; nil for a frame that trains forces alone.
  public var energy: Double?

  /// A frame with its labels.
  public init(
    structure: Structure, forces: [Vector3], weights: [Double], energy: Double? = nil
  ) {
    precondition(forces.count == structure.count && weights.count == structure.count)
    (self.structure, self.forces, self.weights) = (structure, forces, weights)
    self.energy = energy
  }

  /// The sample with positions, cell and forces turned together.
  public func turned(by rotation: SurfaceRotation) -> TrainingSample {
    TrainingSample(
      structure: rotation(structure), forces: forces.map { rotation($0) }, weights: weights,
      energy: energy)
  }
}

/// Where losses and gradients come from: a network in its training form.
public protocol GradientSource: AnyObject {
  /// The loss of a batch and its gradient.
  ///
  /// The loss is that of a ``BatchLoss``. Batch normalisations use the statistics of the batch and move their
  /// running ones.
  ///
  /// - Parameters:
  ///   - batch: frames, evaluated as one batch.
  ///   - parameters: where the network stands; its running statistics are moved on.
  ///   - gradient: receives the derivative of the loss by each of `parameters.values`.
  func evaluate(
    _ batch: [TrainingSample], _ parameters: inout Parameters, gradient: inout [Float]
  ) throws -> Double

  /// Moves the running statistics of batch normalisations towards those of a batch.
  ///
  /// - Parameter share: of the batch's statistics in the running ones; 1 replaces them.
  func moveStatistics(
    towards batch: [TrainingSample], share: Float, _ parameters: inout Parameters) throws
}
