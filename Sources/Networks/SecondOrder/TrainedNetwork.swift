// SPDX-License-Identifier: MIT

import RelaxNumerics

/// A network of energies with its weights as they are at one step of a training, for all threads.
protocol TrainedNetwork {
  /// Runs forward over a batch.
  func run(_ batch: EnergyBatch, _ sweep: Sweep) -> EnergyRun
}

/// A pass forward, from which the other sweeps go out.
struct EnergyRun {
  /// What was done, first to last.
  let steps: [any TwiceDifferentiable]
  /// Energies of atoms, a column each, that are summed.
  let energies: [Signal]
  /// What of a batch depends on directions, if anything does.
  var angular: AngularEdges?

  /// From the energies' derivative, 1, to those by distances and angles.
  func reverse(_ sweep: Sweep) {
    for signal in energies {
      let ones = sweep.cleared(signal.rows, 1)
      for row in 0..<signal.rows { ones[row, 0] = 1 }
      signal.slope = ones
    }
    for step in steps.reversed() { step.reverse(sweep) }
  }

  /// The two sweeps along the direction in which the batch moves, from what each atom's energy counts in the
  /// loss to derivatives by weights.
  func differentiate(_ atomWeights: [Float], _ sweep: Sweep) {
    angular?.move(sweep)
    for step in steps { step.tangent(sweep) }
    for signal in energies {
      let weights = sweep.cleared(signal.rows, 1)
      for (row, weight) in atomWeights.enumerated() { weights[row, 0] = weight }
      signal.slopeTangent = weights
    }
    for step in steps.reversed() { step.reverseTangent(sweep) }
  }
}

/// Makes steps one after the other and keeps them.
struct StepList {
  let sweep: Sweep
  private(set) var steps: [any TwiceDifferentiable] = []

  init(_ sweep: Sweep) { self.sweep = sweep }

  mutating func add<Step: TwiceDifferentiable>(_ step: Step) -> Step {
    steps.append(step)
    return step
  }

  mutating func dense(
    _ layer: TrainedLayer, _ x: Signal, adding base: Signal? = nil,
    elements: ElementAddition? = nil
  ) -> Signal {
    add(DenseStep(layer, x, adding: base, elements: elements, sweep)).y
  }
}
