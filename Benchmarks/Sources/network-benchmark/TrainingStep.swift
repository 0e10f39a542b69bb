// SPDX-License-Identifier: MIT

import BenchmarkSupport
import Networks
import RelaxNumerics
import StructureFiles
import Structures
import Training

/// Loss and gradient of a batch: what a step of training computes but for the optimizer.
struct TrainingStep {
  private let model: NetworkModel
  private let batch: [TrainingSample]

  /// Weight of fixed atoms in the loss.
  private static let fixedWeight = 0.05

  /// Reads the model and the first `count` frames, which must have forces.
  init(model path: String, frames: String, count: Int) throws {
    model = try NetworkModel.read(path)
    let reader = try StructureReader(path: frames)
    batch = try (0..<count).map { index in
      guard let structure = try reader.next()?.structure(), let forces = structure.forces else {
        throw Subject.MissingStructure(file: frames, index)
      }
      return TrainingSample(
        structure: structure, forces: forces,
        weights: structure.freedoms.map { $0 == .fixed ? TrainingStep.fixedWeight : 1 },
        energy: structure.energy)
    }
  }

  /// CPU and wall time of steps, after one that is not counted.
  func time(_ calls: Int, threads: Int) throws {
    let network = try NetworkGradients(model, threads: threads)
    var parameters = Parameters(model)
    var gradient = [Float](repeating: 0, count: parameters.values.count)
    var (cpu, wall): ([Double], [Double]) = ([], [])
    for call in 0...calls {
      let (begin, wallBegin) = (cpuSeconds(), wallSeconds())
      _ = try network.evaluate(batch, &parameters, gradient: &gradient)
      if call > 0 {
        cpu.append(cpuSeconds() - begin)
        wall.append(wallSeconds() - wallBegin)
      }
    }
    cpu.sort()
    wall.sort()
    report(
      "train",
      [
        ("atoms", Double(batch.reduce(0) { $0 + $1.structure.count })), ("least", cpu[0]),
        ("median", cpu[cpu.count / 2]), ("wall", wall[wall.count / 2]),
        ("megabytes", peakMegabytes()),
      ])
  }

  /// Writes the gradient as a model whose weights are derivatives, with the statistics after the batch.
  func writeGradient(_ path: String, threads: Int) throws {
    let network = try NetworkGradients(model, threads: threads)
    var parameters = Parameters(model)
    var gradient = [Float](repeating: 0, count: parameters.values.count)
    let loss = try network.evaluate(batch, &parameters, gradient: &gradient)
    parameters.values = gradient
    var derivatives = model
    parameters.store(in: &derivatives)
    try derivatives.write(path, overwrite: true)
    report("gradient", [("loss", loss)])
  }
}
