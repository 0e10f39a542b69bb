// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import StructureFiles
import Structures

/// The manifest of a shard of labelled frames: what came of each, in their order.
///
/// ```
/// ok  (bytes of its record)
/// left  id  reason
/// bad  (the error of its content)
/// read  (frames of the whole input)
/// broken  (why the input could not be read to its end)
/// warning  (what is to be known of a file)
/// ```
public final class LabellingManifest {
  /// The command that it is of.
  public static let kind = "predict"

  private let manifest: ShardManifestWriter

  /// Begins the manifest of a shard whose output is `output`.
  ///
  /// - Parameter settings: those of ``Labelling/recordedSettings(_:_:of:)``.
  /// - Throws: as `OutputFile`.
  public init(
    _ shard: Shard, of output: String, settings: [RecordedSetting]
  ) throws(FileError) {
    manifest = try ShardManifestWriter(
      kind: LabellingManifest.kind, shard, of: output, settings: settings)
  }

  /// Takes note of what came of the next frame; `writer` has written it, if it has labels.
  public func add(
    _ outcome: Labelling.Outcome, _ writer: StructureWriter
  ) throws(FileError) {
    switch outcome {
    case .labelled: try manifest.line(["ok", "\(writer.recordLength)"])
    case .leftOut(let id, let reason): try manifest.line(["left", id, reason])
    case .unusable(let error): try manifest.line(["bad"] + error.fields)
    }
  }

  /// Completes the manifest: the shard is finished.
  ///
  /// - Parameter isWritten: whether there is an output.
  public func finish(_ tally: Labelling.Tally, isWritten: Bool) throws(FileError) {
    try manifest.line(["read", "\(tally.framesOfAll)"])
    if let error = tally.unreadable { try manifest.line(["broken"] + error.fields) }
    for warning in tally.warnings { try manifest.line(["warning"] + warning.fields) }
    try manifest.finish(outputs: isWritten ? [""] : [])
  }
}

extension Labelling {
  /// What decides the labels, for those who compare two works.
  ///
  /// - Parameter inputs: as they were found.
  public func recordedSettings(
    _ filters: [FrameFilter], _ assumptions: StructureAssumptions, of inputs: [FileStamp]
  ) -> [RecordedSetting] {
    [
      RecordedSetting("kernels", KernelSet.preferred.name),
      RecordedSetting("provider", provider.identity),
      RecordedSetting("select", filters.recorded),
    ]
      + RecordedSetting.input(inputs, assumptions)
  }

  /// Makes one file of the labelled frames of shards: that of a labelling without shards, byte for byte.
  ///
  /// Frames are copied as they stand, one after the other.
  ///
  /// - Parameters:
  ///   - manifests: those of the shards, by their numbers.
  ///   - output: the file; as without shards there is none if no frame has labels.
  /// - Returns: the tally of all frames.
  /// - Throws: `FileError`, `ShardSetError`; then nothing is written.
  public static func merge(
    _ manifests: [ShardManifest], to output: String, overwrite: Bool
  ) throws -> Tally {
    let writer = try StructureWriter(path: output, overwrite: overwrite)
    let spool = RecordSpool(beside: output, readers: 2 * manifests.count)
    var records = try manifests.map { try $0.files.first.map { try spool.reader(of: [$0.path]) } }
    var rounds = ManifestRounds(manifests, of: output)
    var tally = Tally()
    tally.framesOfAll = try rounds.structures { number, fields, lines in
      tally.frames += 1
      switch (fields[0], fields.count) {
      case ("ok", 2):
        guard let length = Int(fields[1]), let record = try records[number]?.bytes(length) else {
          throw lines.defect
        }
        try writer.write(record: record)
        tally.labelled += 1
      case ("left", 3): tally.leftOut.append((fields[1], fields[2]))
      case ("bad", 7):
        guard let error = FileError(fields: fields[1...]) else { throw lines.defect }
        tally.unusable.append(error)
      default: throw lines.defect
      }
    }
    for rest in records {
      guard let rest, rest.count > 0 else { continue }
      throw FileError(.framing, file: rest.file, "it has more frames than its manifest says")
    }
    for fields in try rounds.common(["broken", "warning"]) {
      guard let error = FileError(fields: fields[1...]) else { continue }
      if fields[0] == "broken" { tally.unreadable = error } else { tally.warnings.append(error) }
    }
    if tally.hasOutput { try writer.finish() }
    return tally
  }
}

extension Labelling.Tally {
  /// Whether there is something to write: frames with labels, or nothing that lacks them.
  public var hasOutput: Bool { labelled > 0 || frames == 0 && unreadable == nil }
}
