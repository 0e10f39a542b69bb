// SPDX-License-Identifier: MIT

import Files
import StructureFiles

extension Sampling {
  /// Makes the sets of those of shards: the files of a sampling without shards, byte for byte.
  ///
  /// - Parameters:
  ///   - manifests: those of the shards, by their numbers.
  ///   - output: where; as for ``run(_:to:replacing:manifest:shouldStop:report:)``.
  ///   - shouldStop: asked again and again; true ends it, and nothing of it is kept.
  /// - Returns: the tally of all structures; nil if it was stopped.
  /// - Throws: `FileError`, `ShardSetError`; then no half a set stays.
  public static func merge(
    _ manifests: [ShardManifest], to output: Output, replacing: Bool = false,
    shouldStop: @escaping @Sendable () -> Bool = { false }
  ) throws -> Tally? {
    var isOurs = false
    do { return try merge(manifests, output, replacing, shouldStop, &isOurs) } catch {
      if isOurs { output.discard() }
      guard !(error is CancellationError) else { return nil }
      throw error
    }
  }

  private static func merge(
    _ manifests: [ShardManifest], _ output: Output, _ replacing: Bool,
    _ shouldStop: () -> Bool, _ isOurs: inout Bool
  ) throws -> Tally {
    let files = try SampleFiles(output, replacing: replacing)
    let spool = RecordSpool(
      beside: output.file ?? output.ends, readers: manifests.count * (2 * Output.sets.count + 2))
    var shards = try manifests.map { manifest in
      // Unpacking them is what takes longest.
      guard !shouldStop() else { throw CancellationError() }
      return try FinishedSamples(manifest, spool, isFile: output.file != nil)
    }
    if replacing { output.removeChunks() }
    isOurs = true
    var rounds = ManifestRounds(manifests, of: output.file ?? output.folder)
    var tally = Tally()
    tally.structuresOfAll = try rounds.structures { number, fields, lines in
      guard !shouldStop() else { throw CancellationError() }
      tally.structures += 1
      if fields.count > 1, fields[1] == "1" { tally.converged += 1 }
      switch (fields[0], fields.count) {
      case ("none", 4): tally.refused.append((fields[2], fields[3]))
      case ("frames", 6):
        let lengths = fields[2...].map { $0.split(separator: " ").compactMap { Int($0) } }
        for set in Output.sets.indices {
          for length in lengths[set] {
            let (record, label) = try shards[number].frame(of: set, length)
            try files.write(record: record, label: label, set: set)
          }
        }
        for length in lengths[Output.sets.count] {
          try files.write(end: try shards[number].end(length))
        }
      default: throw lines.defect
      }
    }
    for shard in shards { try shard.requireEnd() }
    files.count(into: &tally)
    tally.warnings = try rounds.common(["warning"]).compactMap { FileError(fields: $0[1...]) }
    try files.finish()
    return tally
  }
}

/// What a merging was asked to stop for.
private struct CancellationError: Error {}

/// The files of a shard, each to be read once from its beginning on.
private struct FinishedSamples {
  private var sets: [PieceReader?] = []
  private var labels: [PieceReader?] = []
  private var ends: PieceReader?
  /// Whether all frames are in one file.
  private let isFile: Bool

  init(_ manifest: ShardManifest, _ spool: RecordSpool, isFile: Bool) throws {
    self.isFile = isFile
    func reader(_ start: String, _ ending: String) throws -> PieceReader? {
      let paths = manifest.files.map(\.path).filter {
        $0.hasPrefix(manifest.output + start) && $0.hasSuffix(ending)
      }
      return try paths.isEmpty ? nil : spool.reader(of: paths, isText: ending == ".txt.xz")
    }
    if isFile {
      sets = [try reader("", "")]
    } else {
      for name in Sampling.Output.sets {
        sets.append(try reader("/\(name)/", ".extxyz.xz"))
        labels.append(try reader("/\(name)/", ".txt.xz"))
      }
      ends = try reader("/is2rs", ".extxyz.xz")
    }
  }

  /// The next frame of a set, with the line of its label where there are labels.
  mutating func frame(of set: Int, _ length: Int) throws -> (record: [UInt8], label: String) {
    guard !isFile else { return (try sets[0]?.bytes(length) ?? [], "") }
    let record = try sets[set]?.bytes(length) ?? []
    let label = try labels[set]?.line().map { String(decoding: $0, as: UTF8.self) }
    return (record, label ?? "")
  }

  /// The next end of a relaxation.
  mutating func end(_ length: Int) throws -> [UInt8] { try ends?.bytes(length) ?? [] }

  /// Requires that everything was handed out.
  func requireEnd() throws {
    for reader in (sets + labels + [ends]).compactMap({ $0 }) where reader.count > 0 {
      throw FileError(.framing, file: reader.file, "it has more frames than its manifest says")
    }
  }
}
