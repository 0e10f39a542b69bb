// SPDX-License-Identifier: MIT

import Files
import Relaxation
import StructureFiles

/// The manifest of a shard of samples: how many frames of which length each structure has in the sets.
///
/// ```
/// frames  (converged: 1 or 0)  (bytes of its records in relaxations)  (in rattled)  (in md)  (in is2rs)
/// none  (converged)  id  reason
/// read  (structures of the whole input)
/// warning  (what is to be known of a file)
/// ```
public final class SamplingManifest {
  /// The command that it is of.
  public static let kind = "sample"

  private let manifest: ShardManifestWriter
  private let output: Sampling.Output

  /// Begins the manifest of a shard whose output is `output`; a folder must be there.
  ///
  /// - Parameter settings: those of ``Sampling/recordedSettings(_:_:of:)``.
  /// - Throws: as `OutputFile`.
  public init(
    _ shard: Shard, of output: Sampling.Output, settings: [RecordedSetting]
  ) throws(FileError) {
    self.output = output
    manifest = try ShardManifestWriter(
      kind: SamplingManifest.kind, shard, of: output.file ?? output.folder, settings: settings)
  }

  func add(_ lengths: SampleFiles.Lengths, isConverged: Bool) throws(FileError) {
    try manifest.line(
      ["frames", isConverged ? "1" : "0"]
        + (lengths.sets + [lengths.ends]).map { $0.map(String.init).joined(separator: " ") })
  }

  func refuse(_ id: String, _ reason: String, isConverged: Bool) throws(FileError) {
    try manifest.line(["none", isConverged ? "1" : "0", id, reason])
  }

  /// Completes the manifest: the shard is finished.
  public func finish(_ tally: Sampling.Tally) throws(FileError) {
    try manifest.line(["read", "\(tally.structuresOfAll)"])
    for warning in tally.warnings { try manifest.line(["warning"] + warning.fields) }
    guard output.file == nil else {
      try manifest.finish(outputs: [""])
      return
    }
    let counts = [tally.path, tally.rattled, tally.dynamics]
    try manifest.finish(
      outputs: zip(Sampling.Output.sets, counts).flatMap { set, count in
        FrameSetWriter.names(of: count).map { "\(set)/\($0)" }
      } + ["is2rs.extxyz.xz"])
  }
}

extension Sampling {
  /// What decides the frames, for those who compare two works.
  ///
  /// - Parameter inputs: as they were found.
  public func recordedSettings(
    _ filters: [FrameFilter], _ assumptions: StructureAssumptions, of inputs: [FileStamp]
  ) -> [RecordedSetting] {
    let plan = sampler.plan
    return [
      ("kernels", plan.relaxation.kernels.name), ("provider", sampler.provider.identity),
      ("fmax", "\(plan.relaxation.fmax)"), ("steps", "\(plan.relaxation.maximumSteps)"),
      ("frames", "\(plan.pathFrames)"), ("rattled", "\(plan.rattledFrames)"),
      ("sigma", "\(plan.deviations.lowerBound):\(plan.deviations.upperBound)"),
      ("md-every", "\(plan.dynamicsInterval)"), ("temperature", "\(plan.temperature)"),
      ("timestep", "\(plan.timestep)"), ("md-steps", "\(plan.dynamicsSteps)"),
      ("md-keep", "\(plan.dynamicsFrameInterval)"), ("force-limit", "\(plan.largestForce)"),
      ("seed", "\(plan.seed)"), ("select", filters.recorded),
    ].map { RecordedSetting($0, $1) }
      + RecordedSetting.input(inputs, assumptions)
  }
}
