// SPDX-License-Identifier: MIT

import Networks
import Numerics
import Structures
import TestSupport
import Testing

/// Batch normalisation as in training, against recorded steps of the released code.
@Suite(
  "The reference networks in training",
  .enabled(if: SharedData.isAvailable, "\(SharedData.skipMessage)"))
struct ReferenceTrainingTests {
  private struct Recording: Decodable {
    var structures: [String]
    var train_forces_f64: [[Double]]
    var eval_forces_after3_f64: [[Double]]
  }

  @Test(
    "A batch's forces and the running statistics after it are the released code's",
    arguments: ["train_forcenet_w32", "train_gns_w32"])
  func firstStep(_ name: String) throws {
    let path = "reference/training/\(name)"
    let released = try SharedData.json(path + ".json", as: ReleasedConfiguration.self)
    let recording = try SharedData.json(path + ".json", as: Recording.self)
    let structures = try recording.structures.map(GoldenCase.structure)
    let model = NetworkModel(
      architecture: try released.architecture,
      tensors: try RecordedArrays(shared: path + "_init.safetensors").tensors)
    let layers = ReferenceLayers(model.tensors, mode: .training)
    let forces = Reference.predict(model, structures, layers: layers).forces.map(Vector3.init(row:))
    let expected = recording.train_forces_f64.map(Vector3.init(row:))
    #expect(forces.largestDifference(expected) <= 1e-9 * max(1, expected.longest))

    // The optimizer does not touch running statistics: after one step they are the first batch's.
    let after = try RecordedArrays(shared: path + "_step1_f64.safetensors").doubles
    var compared = 0
    for (name, expected) in after where name.contains(".running_") {
      let found = try #require(layers.statistics[name])
      try #require(found.count == expected.values.count)
      for (a, b) in zip(found, expected.values) { #expect(abs(a - b) <= 1e-9 * max(1, abs(b))) }
      compared += 1
    }
    #expect(compared == layers.statistics.count && compared > 0)
  }
}
