// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics
import Structures
import TestSupport
import Training

@testable import ReferenceNetworks

/// Three steps of Adam that were recorded from the released code.
struct RecordedTraining {
  static let names = ["train_forcenet_w32", "train_gns_w32"]

  private struct Recording: Decodable {
    var structures: [String]
    var target_forces: [[Double]]
    var loss_f64: [Double]
    var train_forces_f64: [[Double]]
    var eval_forces_after3_f64: [[Double]]
  }

  private let path: String
  /// Before the first step.
  let model: NetworkModel
  let batch: [TrainingSample]
  /// eV/Å, before each step.
  let losses: [Double]
  /// eV/Å, of the batch before the first step, with the statistics of the batch.
  let trainingForces: [Vector3]
  /// eV/Å, of the batch after three steps, with the running statistics.
  let finalForces: [Vector3]

  init(_ name: String) throws {
    path = "training/\(name)"
    let released = try ReferenceData.json(path + ".json", as: ReleasedConfiguration.self)
    let recording = try ReferenceData.json(path + ".json", as: Recording.self)
    model = NetworkModel(
      architecture: try released.architecture,
      tensors: try RecordedArrays(reference: path + "_init.safetensors").tensors)
    losses = recording.loss_f64
    trainingForces = recording.train_forces_f64.map(Vector3.init(row:))
    finalForces = recording.eval_forces_after3_f64.map(Vector3.init(row:))
    var targets = recording.target_forces.map(Vector3.init(row:))[...]
    batch = try recording.structures.map { name in
      let structure = try Structure.recorded(name)
      let forces = Array(targets.prefix(structure.count))
      targets = targets.dropFirst(structure.count)
      // Atoms with tag 0, those under the surface, count a twentieth, which the recording kept in
      // single precision.
      let twentieth = Double(Float(0.05))
      guard let tags = structure.tags else { preconditionFailure("\(name) has no tags") }
      return TrainingSample(
        structure: structure, forces: forces, weights: tags.map { $0 == 0 ? twentieth : 1 })
    }
    precondition(targets.isEmpty)
  }

  /// Arrays of one of the files, such as `grad_f64`, in double precision.
  func arrays(_ part: String) throws -> [String: [Double]] {
    try RecordedArrays(reference: "\(path)_\(part).safetensors").doubles.mapValues(\.values)
  }
}

extension NetworkModel {
  /// Biases that a batch normalisation takes away again: the loss does not depend on them, and what
  /// is found as their gradient is round-off.
  var idleBiases: Set<String> {
    Set(
      tensors.keys.filter { $0.hasSuffix(".running_mean") }.map { name in
        let stem = name.dropLast(".running_mean".count)
        if stem.hasSuffix("node_bn") { return stem.dropLast("node_bn".count) + "node_lin.bias" }
        // Layers of a stack are numbered, and the linear one comes right before.
        let number = stem.lastIndex(of: ".").map { stem.index(after: $0) } ?? stem.startIndex
        return stem[..<number] + "\((Int(stem[number...]) ?? 0) - 1).bias"
      })
  }
}
