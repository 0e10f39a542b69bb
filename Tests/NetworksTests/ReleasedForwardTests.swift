// SPDX-License-Identifier: MIT

import Foundation
import Networks
import RelaxNumerics
import Structures
import Testing

@testable import ReferenceNetworks

/// Predictions of the released code for small networks of all kinds.
///
/// `Fixtures/released_forward.json` was made for this project: the released `forcenet.py` and
/// `basis.py` (commit c6d6d46c) were run in evaluation mode with PyTorch 2.15 in double precision
/// on a CPU, the float32 weights of `ProceduralModel` widened to double. Stand-ins of a few lines
/// did the work of the graph libraries (sums at targets), and two defects were mended: harmonics were
/// not rounded to single precision, and `onlydist` with a spherical basis took sines instead of
/// ending with an error. With these stand-ins the recorded predictions of `../shared` come out to the
/// last bit.
struct ReleasedForward: Decodable, Sendable {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    var config: [String: ReleasedValue]
    var seed: UInt64
    var structure: String
    var energy: Double
    var forces: [[Double]]

    var testDescription: String { "\(seed), \(structure)" }

    /// Odd harmonics below degree 1, of which there are none.
    var hasNoHarmonics: Bool {
      guard config["max_n"] == .integer(1), case .text(let basis) = config["basis"] else {
        return false
      }
      return basis.hasPrefix("sphsine") && config["ablation"] != .text("onlydist")
    }

    var model: NetworkModel { get throws { try ReleasedForward.model(config, seed: seed) } }
  }

  /// A batch in training mode: batch statistics, and running statistics after it.
  struct Batch: Decodable, Sendable, CustomTestStringConvertible {
    var config: [String: ReleasedValue]
    var seed: UInt64
    var structures: [String]
    var energies: [Double]
    var forces: [[Double]]
    var statistics: [String: [Double]]

    var testDescription: String { "\(seed)" }
  }

  var structures: [RecordedAtoms]
  var cases: [Case]
  var batches: [Batch]

  static func model(_ config: [String: ReleasedValue], seed: UInt64) throws -> NetworkModel {
    let released = ReleasedConfiguration(model: "forcenet", config: config)
    return ProceduralModel.model(try released.architecture, seed: seed)
  }

  func structure(_ name: String) throws -> Structure {
    try #require(structures.first { $0.name == name }).structure
  }

  static let all: ReleasedForward? = {
    let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("Fixtures/released_forward.json")
    return try? JSONDecoder().decode(ReleasedForward.self, from: Data(contentsOf: file))
  }()
}

@Suite("The reference networks against small recorded cases") struct ReleasedForwardTests {
  @Test("Cases are there") func fixture() {
    #expect(ReleasedForward.all?.cases.count ?? 0 >= 80)
  }

  @Test("Forces and energies are the released code's", arguments: ReleasedForward.all?.cases ?? [])
  func predictions(_ case: ReleasedForward.Case) throws {
    let structure = try #require(try ReleasedForward.all?.structure(`case`.structure))
    let found = Reference.evaluate(try `case`.model, structure)
    let expected = `case`.forces.map(Vector3.init(row:))
    // Recorded with twelve digits.
    #expect(found.forces.largestDifference(expected) <= 1e-9 * max(1, expected.longest))
    let energy = try #require(found.energy)
    #expect(abs(energy - `case`.energy) <= 1e-9 * max(1, abs(`case`.energy)))
  }

  @Test(
    "In training, forces and running statistics of a batch are the released code's",
    arguments: ReleasedForward.all?.batches ?? [])
  func training(_ batch: ReleasedForward.Batch) throws {
    let fixture = try #require(ReleasedForward.all)
    let model = try ReleasedForward.model(batch.config, seed: batch.seed)
    let layers = ReferenceLayers(model.tensors, mode: .training)
    let found = Reference.predict(
      model, try batch.structures.map(fixture.structure), layers: layers)
    let expected = batch.forces.map(Vector3.init(row:))
    let forces = found.forces.rows.map(Vector3.init(row:))
    #expect(forces.largestDifference(expected) <= 1e-9 * max(1, expected.longest))
    #expect(found.energies?.count == batch.energies.count)
    for (a, b) in zip(found.energies ?? [], batch.energies) {
      #expect(abs(a - b) <= 1e-9 * max(1, abs(b)))
    }
    #expect(layers.statistics.keys.sorted() == batch.statistics.keys.sorted())
    for (name, values) in batch.statistics {
      for (a, b) in zip(layers.statistics[name] ?? [], values) {
        #expect(abs(a - b) <= 1e-9 * max(1, abs(b)), "\(name)")
      }
    }
  }
}
