// SPDX-License-Identifier: MIT

import Files
import Forces
import RelaxNumerics
import Relaxation
import StructureFiles
import Structures

/// Makes labelled frames of all structures of a file, several at once, and writes them as sets.
///
/// Structures are read a few ahead and written in their order, so that memory is bounded and the bytes
/// written do not depend on threads.
public struct Sampling: Sendable {
  /// Makes the frames.
  public var sampler: FrameSampler
  /// Structures at work at once.
  public var threads = 1

  /// Frames made by `sampler`.
  public init(_ sampler: FrameSampler) { self.sampler = sampler }

  /// What was made.
  public struct Tally: Sendable {
    /// Structures that were read.
    public var structures = 0
    /// Of these, those that converged.
    public var converged = 0
    /// Structures of which no frames were made, with the reason.
    public var refused: [(id: String, reason: String)] = []
    /// What is to be known of the files that were read.
    public var warnings: [FileError] = []
    /// Frames of relaxations, rattled ones, those of molecular dynamics.
    public var path = 0, rattled = 0, dynamics = 0
  }

  /// Where the sets are.
  public struct Output: Sendable {
    /// The folder that holds everything; of a single file that where it lies.
    public let folder: String
    /// The one file for all frames, if that is what is written.
    public let file: String?

    /// Sets in `folder`.
    public init(folder: String) { (self.folder, file) = (folder, nil) }

    /// All frames in one file: each says its set (`set`), and its `reference_energy` where it has one.
    public init(file: String) {
      self.file = file
      folder = file.lastIndex(of: "/").map { String(file[..<$0]) } ?? "."
    }

    /// Frames of relaxations.
    public var path: String { folder + "/relaxations" }
    /// Folder of frames whose free atoms were displaced at random.
    public var rattled: String { folder + "/rattled" }
    /// Frames of molecular dynamics.
    public var dynamics: String { folder + "/md" }
    /// Initial and relaxed structures, in turn.
    public var ends: String { folder + "/is2rs.extxyz.xz" }

    /// The files that a set begins with, and those that an earlier sampling has left, by their names in
    /// the folder.
    public var names: [String] {
      guard file == nil else { return [] }
      let ends = ["is2rs.extxyz.xz"]
      return ["relaxations", "rattled", "md"].reduce(into: ends) { names, set in
        let chunks = ["0.extxyz.xz", "0.txt.xz"]
        let left = (try? Folder.names(in: "\(folder)/\(set)")) ?? []
        names += Set(chunks + left.filter(Output.isChunk)).sorted().map { "\(set)/\($0)" }
      }
    }

    private static func isChunk(_ name: String) -> Bool {
      ["extxyz.xz", "txt.xz"].contains { kind in
        name.hasSuffix("." + kind) && Int(name.dropLast(kind.count + 1)) != nil
      }
    }

    /// Removes the chunks that an earlier sampling has left, which may be more than a new one replaces.
    ///
    /// The file of ends has a writer, which replaces it, through a link if it is one.
    func removeChunks() {
      for name in names where "\(folder)/\(name)" != ends { AppendFile.remove("\(folder)/\(name)") }
    }

    /// Removes the chunks, and the folders of sets in which nothing else is.
    func discard() {
      removeChunks()
      Folder.removeEmpty([path, rattled, dynamics])
    }
  }

  /// Makes the sets of the structures of `reader`.
  ///
  /// - Parameters:
  ///   - output: where; nothing of it may be there, unless
  ///   - replacing: is true; what is there is removed when there is a first result.
  ///   - shouldStop: asked again and again; true ends it, and nothing of it is kept.
  ///   - report: receives the tally after each structure.
  /// - Returns: the tally; nil if it was stopped. Neither then nor after an error half a set stays.
  /// - Throws: `FileError` for a file that cannot be read to its end, a reference energy that is
  ///   none, or an output that cannot be written. What is wrong with one structure is in the tally.
  public func run(
    _ reader: sending JoinedReader, to output: Output, replacing: Bool = false,
    shouldStop: @escaping @Sendable () -> Bool = { false },
    report: (Tally) -> Void = { _ in }
  ) throws -> Tally? {
    var isOurs = false
    do {
      let tally = try run(reader, output, replacing, shouldStop, report, &isOurs)
      if tally == nil && isOurs { output.discard() }
      return tally
    } catch {
      if isOurs { output.discard() }
      // It may be the wait for a pipe that was given up.
      guard !shouldStop() else { return nil }
      throw error
    }
  }

  /// - Parameter isOurs: set once all that lies in the folder is of this sampling.
  private func run(
    _ reader: sending JoinedReader, _ output: Output, _ replacing: Bool,
    _ shouldStop: @escaping @Sendable () -> Bool, _ report: (Tally) -> Void, _ isOurs: inout Bool
  ) throws -> Tally? {
    if output.file == nil { try Folder.make(output.folder) }
    let ends = try StructureWriter(path: output.file ?? output.ends, overwrite: replacing)
    func set(_ folder: String) -> any FrameSet {
      output.file == nil
        ? FrameSetWriter(folder: folder)
        : SharedFrameSet(String(folder.dropFirst(output.folder.count + 1)), in: ends)
    }
    let (path, rattled) = (set(output.path), set(output.rattled))
    let dynamics = set(output.dynamics)
    var tally = Tally()
    let warnings = Guarded<[FileError]>([])
    var place = 0
    let sampler = self.sampler
    let cancellation = Cancellation(shouldStop)
    let isWhole = try mapInOrder(
      threads: threads, shouldStop: shouldStop,
      next: { () throws -> Item? in
        guard let frame = try reader.next() else {
          let known = reader.warnings
          warnings.withLock { $0 = known }
          return nil
        }
        defer { place += 1 }
        return try Item(frame, place: place, file: reader.file)
      },
      transform: { (item: Item) throws -> (Item, Outcome) in
        (
          item,
          Outcome {
            try sampler.samples(
              of: try item.content.get(), place: item.place, cancellation: cancellation)
          }
        )
      },
      consume: { (frame: Item, outcome: Outcome) throws in
        defer {
          (tally.path, tally.rattled, tally.dynamics) = (path.count, rattled.count, dynamics.count)
          report(tally)
        }
        if replacing && tally.structures == 0 { output.removeChunks() }
        isOurs = true
        tally.structures += 1
        let samples: FrameSampler.Samples
        switch outcome {
        case .success(let some): samples = some
        case .failure(let error):
          tally.refused.append((frame.id, "\(error)"))
          return
        }
        if samples.result.status == .converged { tally.converged += 1 }
        guard !samples.path.isEmpty else {
          tally.refused.append((frame.id, samples.result.reason))
          return
        }
        guard FrameLabel.isSystem(frame.id) else {
          tally.refused.append(
            (frame.id, "its id has more than one line, which labels cannot have"))
          return
        }
        for (set, frames) in [
          (path, samples.path), (rattled, samples.rattled), (dynamics, samples.dynamics),
        ] {
          for sample in frames {
            try set.write(
              sample.structure.bare,
              FrameLabel(
                system: frame.id, frame: sample.number, referenceEnergy: frame.referenceEnergy))
          }
        }
        guard output.file == nil else { return }
        try ends.write(samples.ends.initial.end("initial", 0))
        try ends.write(samples.ends.relaxed.end("relaxed", samples.result.steps))
      })
    guard isWhole else { return nil }
    for set in [path, rattled, dynamics] { try set.finish() }
    try ends.finish()
    tally.warnings = warnings.withLock { $0 }
    return tally
  }

  /// The frames of a structure, or why there are none.
  private typealias Outcome = Result<FrameSampler.Samples, any Error>

  /// A structure of the input.
  private struct Item: Sendable {
    var id: String
    /// Its number in the input, from 0.
    var place: Int
    var content: Result<Structure, FileError>
    var referenceEnergy = 0.0

    init(_ frame: Frame, place: Int, file: String) throws(FileError) {
      (id, self.place, content) = (frame.identifier, place, frame.content)
      guard let entry = try? frame.content.get().attribute("reference_energy") else { return }
      guard let energy = Double(entry.unquoted), energy.isFinite else {
        throw FileError(
          .content, file: file,
          "\(frame.identifier): reference_energy is `\(entry.unquoted)`; expected a number of eV")
      }
      referenceEnergy = energy
    }
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
