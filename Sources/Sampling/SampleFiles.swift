// SPDX-License-Identifier: MIT

import Files
import StructureFiles
import Structures

/// The files of a sampling that is being written: three sets of frames, and the ends of relaxations.
final class SampleFiles {
  /// Bytes of the records that a structure has in each of the sets, and of its ends.
  typealias Lengths = (sets: [[Int]], ends: [Int])

  private let output: Sampling.Output
  private let ends: StructureWriter
  /// Frames of relaxations, rattled ones, those of molecular dynamics.
  private let sets: [any FrameSet]
  /// Of the structure that was written last.
  private(set) var lengths: Lengths = ([], [])

  /// Begins the files of `output`.
  ///
  /// - Throws: kind `exists` if one is there, unless `replacing`; kind `unwritable`.
  init(_ output: Sampling.Output, replacing: Bool) throws {
    if output.file == nil { try Folder.make(output.folder) }
    let ends = try StructureWriter(path: output.file ?? output.ends, overwrite: replacing)
    (self.output, self.ends) = (output, ends)
    sets = Sampling.Output.sets.map { name -> any FrameSet in
      guard output.file == nil else { return SharedFrameSet(name, in: ends) }
      return FrameSetWriter(folder: "\(output.folder)/\(name)")
    }
  }

  /// Writes the frames of a structure.
  func write(_ samples: FrameSampler.Samples, id: String, referenceEnergy: Double) throws {
    lengths = ([], [])
    for (set, frames) in zip(sets, [samples.path, samples.rattled, samples.dynamics]) {
      lengths.sets.append(
        try frames.map { sample in
          try set.write(
            sample.structure.bare,
            FrameLabel(system: id, frame: sample.number, referenceEnergy: referenceEnergy))
          return set.recordLength
        })
    }
    guard output.file == nil else { return }
    for end in [
      samples.ends.initial.end("initial", 0),
      samples.ends.relaxed.end("relaxed", samples.result.steps),
    ] {
      try ends.write(end)
      lengths.ends.append(ends.recordLength)
    }
  }

  /// Writes a frame of a set, by its record and the line of its label.
  func write(record: [UInt8], label: String, set: Int) throws {
    try sets[set].write(record: record, label: label)
  }

  /// Writes an end of a relaxation, by its record.
  func write(end record: [UInt8]) throws { try ends.write(record: record) }

  /// Notes how many frames the sets have.
  func count(into tally: inout Sampling.Tally) {
    (tally.path, tally.rattled, tally.dynamics) = (sets[0].count, sets[1].count, sets[2].count)
  }

  /// Completes all of them.
  func finish() throws {
    for set in sets { try set.finish() }
    try ends.finish()
  }
}

extension Structure {
  /// Without entries about the system, which stand in the labels beside the frames.
  fileprivate var bare: Structure {
    var bare = self
    bare.attributes = []
    return bare
  }

  /// As the beginning or end of a relaxation.
  fileprivate func end(_ role: String, _ frame: Int) -> Structure {
    var end = self
    end.attributes.removeAll { ["role", "fid"].contains($0.name) }
    end.attributes.append(Attribute(name: "fid", text: "\(frame)"))
    end.attributes.append(Attribute(name: "role", text: role))
    return end
  }
}
