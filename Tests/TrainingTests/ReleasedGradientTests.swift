// SPDX-License-Identifier: MIT

import Foundation
import Networks
import RelaxNumerics
import Testing
import Training

@testable import ReferenceNetworks

/// Gradients of the released code for small networks of all kinds, by automatic differentiation.
///
/// `Fixtures/released_gradients.json` was made for this project as `released_forward.json` was
/// (NetworksTests), in training mode and with the paper's loss. Of each tensor's gradient it holds
/// the 2-norm and the product with v of `ProceduralNumbers`, tensor 1000.
struct ReleasedGradients: Decodable, Sendable {
  struct Batch: Decodable, Sendable, CustomTestStringConvertible {
    var config: [String: ReleasedValue]
    var seed: UInt64
    /// eV/Å, atom after atom.
    var targets: [Double]
    var weights: [Double]
    var loss: Double
    var gradients: [String: [Double]]

    var testDescription: String { "\(seed)" }
  }

  var structures: [RecordedAtoms]
  var batches: [Batch]

  /// A batch's network and samples.
  func problem(_ batch: Batch) throws -> (model: NetworkModel, samples: [TrainingSample]) {
    let released = ReleasedConfiguration(model: "forcenet", config: batch.config)
    var start = 0
    let samples = structures.map { atoms in
      let structure = atoms.structure
      defer { start += structure.count }
      return TrainingSample(
        structure: structure,
        forces: (start..<(start + structure.count)).map { atom in
          Vector3(row: Array(batch.targets[(3 * atom)..<(3 * atom + 3)]))
        },
        weights: Array(batch.weights[start..<(start + structure.count)]))
    }
    return (ProceduralModel.model(try released.architecture, seed: batch.seed), samples)
  }

  static let all: ReleasedGradients? = {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/released_gradients.json")
    return try? JSONDecoder().decode(ReleasedGradients.self, from: Data(contentsOf: file))
  }()
}

@Suite("The reference's gradients against small recorded cases") struct ReleasedGradientTests {
  @Test("Batches are there") func fixture() {
    #expect(ReleasedGradients.all?.batches.count ?? 0 >= 38)
  }

  @Test(
    "Losses and gradients are the released code's", arguments: ReleasedGradients.all?.batches ?? [])
  func gradients(_ batch: ReleasedGradients.Batch) throws {
    let (model, samples) = try #require(try ReleasedGradients.all?.problem(batch))
    let found = ReferenceLoss(model, samples).differentiate(model.reference)
    #expect(abs(found.value - batch.loss) <= 1e-11 * batch.loss)
    #expect(found.gradients.keys.sorted() == batch.gradients.keys.sorted())
    let numbers = ProceduralNumbers(seed: batch.seed)
    for (name, expected) in batch.gradients {
      let gradient = try #require(found.gradients[name])
      let norm = gradient.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let product = gradient.indices.reduce(0) { $0 + gradient[$1] * numbers.value(1000, $1) }
      // Of what a batch normalisation takes away again there is only round-off, on both sides.
      let tolerance = max(1e-9 * expected[0], 1e-12)
      #expect(abs(norm - expected[0]) <= tolerance, "\(name)")
      #expect(abs(product - expected[1]) <= tolerance, "\(name)")
    }
  }
}
