// SPDX-License-Identifier: MIT

import RelaxNumerics

/// The fast inertial relaxation engine.
///
/// Step by step equal to `ase.optimize.FIRE` (Bitzek et al., Phys. Rev. Lett. 97, 170201 (2006)),
/// where the cap is on the norm of the whole displacement, so that larger systems take smaller
/// steps an atom.
public struct FIRE: Optimizer {
  /// Longest displacement of all atoms together in one step, in Å.
  public let maxStep: Double

  private static let largestTimeStep = 1.0
  private static let patience = 5
  private static let timeStepGrowth = 1.1
  private static let timeStepCut = 0.5
  private static let initialMixing = 0.1
  private static let mixingDecay = 0.99

  private let kernels: KernelSet
  private var velocities: [Double]?
  private var timeStep = 0.1
  private var mixing = FIRE.initialMixing
  private var downhillSteps = 0

  /// An optimizer at its start; the default is ASE's.
  public init(maxStep: Double = 0.2, kernels: KernelSet = .preferred) {
    precondition(maxStep > 0)
    (self.maxStep, self.kernels) = (maxStep, kernels)
  }

  /// - Complexity: O(*n*) for *n* atoms.
  public mutating func displacement(positions: [Vector3], forces: [Vector3]) -> [Vector3] {
    let force = forces.flattened
    var velocity = velocities ?? [Double](repeating: 0, count: force.count)
    if velocities != nil {
      let power = dot(force, velocity, kernels: kernels)
      if power > 0 {
        let squares = (
          dot(velocity, velocity, kernels: kernels), dot(force, force, kernels: kernels)
        )
        let ratio = (squares.0 / squares.1).squareRoot()
        for i in velocity.indices {
          velocity[i] = (1 - mixing) * velocity[i] + mixing * force[i] * ratio
        }
        if downhillSteps > FIRE.patience {
          timeStep = min(timeStep * FIRE.timeStepGrowth, FIRE.largestTimeStep)
          mixing *= FIRE.mixingDecay
        }
        downhillSteps += 1
      } else {
        for i in velocity.indices { velocity[i] = 0 }
        mixing = FIRE.initialMixing
        timeStep *= FIRE.timeStepCut
        downhillSteps = 0
      }
    }
    addScaled(&velocity, timeStep, force, kernels: kernels)
    velocities = velocity

    var step = velocity
    for i in step.indices { step[i] *= timeStep }
    let length = dot(step, step, kernels: kernels).squareRoot()
    if length > maxStep {
      for i in step.indices { step[i] *= maxStep / length }
    }
    return [Vector3](components: step)
  }
}
