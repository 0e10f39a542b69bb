// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics
import TestSupport
import Testing

@testable import ReferenceNetworks

/// The double-precision reference in training, against recorded steps of the released code.
@Suite(
  "The reference networks in training")
struct ReferenceTrainingGoldenTests {
  @Test("A batch's forces are the released code's", arguments: RecordedTraining.names)
  func forces(_ name: String) throws {
    let recorded = try RecordedTraining(name)
    let layers = ReferenceLayers(recorded.model.reference, mode: .training)
    let found = Reference.predict(
      recorded.model, recorded.batch.map(\.structure), layers: layers
    ).forces.rows.map(Vector3.init(row:))
    let expected = recorded.trainingForces
    #expect(found.largestDifference(expected) <= 1e-9 * max(1, expected.longest))
  }

  @Test("The loss and its gradient are the released code's", arguments: RecordedTraining.names)
  func gradient(_ name: String) throws {
    let recorded = try RecordedTraining(name)
    let found = ReferenceLoss(recorded.model, recorded.batch)
      .differentiate(recorded.model.reference)
    #expect(abs(found.value - recorded.losses[0]) <= 1e-12)
    let expected = try recorded.arrays("grad_f64")
    // Nothing is said about the energy, on which the loss does not depend, on either side.
    #expect(found.gradients.keys.sorted() == expected.keys.sorted())
    for (tensor, values) in expected {
      let gradient = try #require(found.gradients[tensor])
      if recorded.model.idleBiases.contains(tensor) {
        #expect(gradient.allSatisfy { abs($0) < 1e-12 }, "\(tensor)")
      } else {
        #expect(gradient.largestDifference(values) <= 1e-9 * values.largest, "\(tensor)")
      }
    }
  }

  @Test(
    "Three steps of Adam lead to the released code's weights and running statistics",
    arguments: RecordedTraining.names)
  func steps(_ name: String) throws {
    let recorded = try RecordedTraining(name)
    let loss = ReferenceLoss(recorded.model, recorded.batch)
    var tensors = recorded.model.reference
    var adam = ReferenceAdam()
    for (step, expectedLoss) in recorded.losses.enumerated() {
      let found = loss.differentiate(tensors)
      #expect(abs(found.value - expectedLoss) <= 1e-9)
      adam.step(&tensors, found.gradients)
      for (name, values) in found.statistics { tensors[name]?.values = values }
      guard step != 1 else { continue }
      for (name, values) in try recorded.arrays("step\(step + 1)_f64") {
        let found = try #require(tensors[name]).values
        #expect(found.largestDifference(values) <= 1e-9 * max(1e-3, values.largest), "\(name)")
      }
    }
    #expect(adam.steps == 3)
    let final = Reference.predict(
      recorded.model, recorded.batch.map(\.structure), layers: ReferenceLayers(tensors)
    ).forces.rows.map(Vector3.init(row:))
    #expect(final.largestDifference(recorded.finalForces) <= 1e-9 * recorded.finalForces.longest)
  }
}

extension [Double] {
  /// The largest difference to `other`; infinite if one is not a number.
  func largestDifference(_ other: [Double]) -> Double {
    guard count == other.count else { return .infinity }
    return zip(self, other).reduce(0) { worst, pair in
      let d = abs(pair.0 - pair.1)
      return d.isFinite ? Swift.max(worst, d) : .infinity
    }
  }

  /// Size of the largest.
  var largest: Double { reduce(0) { Swift.max($0, abs($1)) } }
}
