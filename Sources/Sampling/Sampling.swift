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
  /// The part of the structures of which frames are made; nil for all of them.
  public var shard: Shard?

  /// Frames made by `sampler`.
  public init(_ sampler: FrameSampler) { self.sampler = sampler }

  /// What was made.
  public struct Tally: Sendable {
    /// Structures that were read; of a shard its own.
    public var structures = 0
    /// Structures of the whole input, those of other shards included.
    public var structuresOfAll = 0
    /// Of these, those that converged.
    public var converged = 0
    /// Structures of which no frames were made, with the reason.
    public var refused = FirstOf<(id: String, reason: String)>()
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

    /// One file, if that is what the name is of, else a folder.
    public init(named name: String) {
      let isFile = StructureFormats.outputKind.endings.contains(FileName(name).kind ?? "")
      self = isFile ? Output(file: name) : Output(folder: name)
    }

    /// Frames of relaxations.
    public var path: String { folder + "/relaxations" }
    /// The sets, by the names of their folders.
    static let sets = ["relaxations", "rattled", "md"]
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
      return Output.sets.reduce(into: ends) { names, set in
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
  ///   - manifest: takes note of everything, if this is a shard that is to be merged with others; who has
  ///     made it completes it.
  ///   - shouldStop: asked again and again; true ends it, and nothing of it is kept.
  ///   - report: receives the tally after each structure.
  /// - Returns: the tally; nil if it was stopped. Neither then nor after an error half a set stays.
  /// - Throws: `FileError` for a file that cannot be read to its end, a reference energy that is
  ///   none, or an output that cannot be written. What is wrong with one structure is in the tally.
  public func run(
    _ reader: sending JoinedReader, to output: Output, replacing: Bool = false,
    manifest: SamplingManifest? = nil,
    shouldStop: @escaping @Sendable () -> Bool = { false },
    report: (Tally) -> Void = { _ in }
  ) throws -> Tally? {
    var isOurs = false
    do {
      let tally = try run(reader, output, replacing, manifest, shouldStop, report, &isOurs)
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
    _ manifest: SamplingManifest?, _ shouldStop: @escaping @Sendable () -> Bool,
    _ report: (Tally) -> Void, _ isOurs: inout Bool
  ) throws -> Tally? {
    let files = try SampleFiles(output, replacing: replacing)
    var tally = Tally()
    let notes = Guarded<(warnings: [FileError], structures: Int)>(([], 0))
    var place = 0
    let shard = self.shard
    let sampler = self.sampler
    let cancellation = Cancellation(shouldStop)
    let isWhole = try mapInOrder(
      threads: threads, shouldStop: shouldStop,
      next: { () throws -> Item? in
        while let frame = try reader.next() {
          defer { place += 1 }
          let item = try Item(frame, place: place, file: reader.file)
          if shard?.contains(place) ?? true { return item }
        }
        let known = (reader.warnings, place)
        notes.withLock { $0 = known }
        return nil
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
        if replacing && tally.structures == 0 { output.removeChunks() }
        isOurs = true
        tally.structures += 1
        defer {
          files.count(into: &tally)
          report(tally)
        }
        let verdict = Verdict(outcome, id: frame.id)
        if verdict.isConverged { tally.converged += 1 }
        switch verdict.samples {
        case .success(let samples):
          try files.write(samples, id: frame.id, referenceEnergy: frame.referenceEnergy)
          try manifest?.add(files.lengths, isConverged: verdict.isConverged)
        case .failure(let refusal):
          tally.refused.append((frame.id, refusal.reason))
          try manifest?.refuse(frame.id, refusal.reason, isConverged: verdict.isConverged)
        }
      })
    guard isWhole else { return nil }
    (tally.warnings, tally.structuresOfAll) = notes.withLock { $0 }
    // A shard may have no structure of its own.
    if replacing && tally.structures == 0 && tally.structuresOfAll > 0 { output.removeChunks() }
    isOurs = true
    try files.finish()
    return tally
  }

  /// What is done about the frames of a structure.
  private struct Verdict {
    struct Refusal: Error { var reason: String }

    var samples: Result<FrameSampler.Samples, Refusal>
    var isConverged = false

    init(_ outcome: Outcome, id: String) {
      switch outcome {
      case .failure(let error): samples = .failure(Refusal(reason: "\(error)"))
      case .success(let made):
        isConverged = made.result.status == .converged
        if made.path.isEmpty {
          samples = .failure(Refusal(reason: made.result.reason))
        } else if FrameLabel.isSystem(id) {
          samples = .success(made)
        } else {
          samples = .failure(
            Refusal(reason: "its id has more than one line, which labels cannot have"))
        }
      }
    }
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
