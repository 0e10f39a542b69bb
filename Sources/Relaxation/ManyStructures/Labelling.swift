// SPDX-License-Identifier: MIT

import Files
import Forces
import RelaxNumerics
import StructureFiles
import Structures

/// Gives structures the energies, forces and stresses of a provider, as they are: several at once,
/// written in their order.
///
/// What is wrong with one structure never costs another one its labels.
public struct Labelling: Sendable {
  /// Where labels come from.
  public var provider: any ForceProvider
  /// Structures at work at once; labels do not depend on it.
  public var threads = 1
  /// The part of the frames that is labelled; nil for all of them.
  public var shard: Shard?

  /// Labels from `provider`.
  public init(_ provider: any ForceProvider) { self.provider = provider }

  /// What was done.
  public struct Tally: Sendable {
    /// Frames that there were, those that cannot be used included; of a shard its own.
    public var frames = 0
    /// Frames of the whole input, those of other shards included.
    public var framesOfAll = 0
    /// Frames that were written with their labels.
    public var labelled = 0
    /// Frames without labels: the provider refused them, or its numbers are not finite.
    public var leftOut = FirstOf<(id: String, reason: String)>()
    /// Frames whose content cannot be used.
    public var unusable = FirstOf<FileError>()
    /// Why the file could not be read to its end.
    public var unreadable: FileError?
    /// What is to be known of files that were read to their end.
    public var warnings: [FileError] = []
  }

  /// What came of a frame.
  public enum Outcome: Sendable {
    /// It has labels.
    case labelled(Structure)
    /// It has none, for this reason.
    case leftOut(id: String, reason: String)
    /// Its content cannot be used.
    case unusable(FileError)
  }

  /// Labels what `reader` gives.
  ///
  /// - Parameters:
  ///   - take: receives what came of the frames in their order, on the calling thread.
  ///   - report: receives the tally now and then.
  /// - Throws: what `take` throws.
  public func run(
    _ reader: sending JoinedReader, take: (Outcome) throws -> Void,
    report: (Tally) -> Void = { _ in }
  ) throws -> Tally {
    var tally = Tally()
    let labelling = self
    var isOver = false
    let framesOfAll = Guarded(0)
    let shard = self.shard
    try mapInOrder(
      threads: threads,
      next: { () throws -> Content? in
        guard !isOver else { return nil }
        do throws(FileError) {
          while let content = try Content.next(of: reader) {
            let index = framesOfAll.withLock { count in
              defer { count += 1 }
              return count
            }
            if shard?.contains(index) ?? true { return content }
          }
          isOver = true
          return reader.warnings.isEmpty ? nil : .warnings(reader.warnings)
        } catch {
          // What could be read before is labelled all the same.
          isOver = true
          return .unreadable(error)
        }
      },
      transform: { (content: Content) throws -> Result in labelling.result(of: content) },
      consume: { (result: Result) throws in
        switch result {
        case .frame(let outcome):
          try take(outcome)
          tally.add(outcome)
          report(tally)
        case .unreadable(let error): tally.unreadable = error
        case .warnings(let warnings): tally.warnings = warnings
        }
      })
    tally.framesOfAll = framesOfAll.withLock { $0 }
    return tally
  }

  /// The structure with its labels and nothing else that was computed for it before.
  ///
  /// - Throws: what the provider throws, and `ForceError.failed` for numbers that are not finite.
  public func labelled(_ structure: Structure) throws(ForceError) -> Structure {
    let evaluation = try provider.evaluate(structure, wanting: [.energy, .forces, .stress])
    if let defect = evaluation.defect { throw .failed(defect) }
    var result = structure.withoutResults()
    (result.energy, result.forces) = (evaluation.energy, evaluation.forces)
    result.addFreeEnergy(evaluation.freeEnergy)
    if let stress = evaluation.stress { result.attributes.append(stress.stressAttribute) }
    return result
  }

  private func result(of content: Content) -> Result {
    switch content {
    case .frame(let id, let structure):
      do throws(ForceError) {
        var structure = try labelled(structure)
        structure.identify(as: id)
        return .frame(.labelled(structure))
      } catch {
        return .frame(.leftOut(id: id, reason: error.description))
      }
    case .unusable(let error): return .frame(.unusable(error))
    case .unreadable(let error): return .unreadable(error)
    case .warnings(let warnings): return .warnings(warnings)
    }
  }

  /// What comes of a piece of the file.
  private enum Result: Sendable {
    case frame(Outcome)
    case unreadable(FileError)
    case warnings([FileError])
  }

  /// What a file has next.
  private enum Content: Sendable {
    case frame(id: String, Structure)
    case unusable(FileError)
    /// The file ends here, though not in order.
    case unreadable(FileError)
    /// The files end here, and this is to be known of them.
    case warnings([FileError])

    /// The next frame, or that it cannot be used; nil at the end.
    static func next(of reader: JoinedReader) throws(FileError) -> Content? {
      guard let frame = try reader.next() else { return nil }
      switch frame.content {
      case .success(let structure): return .frame(id: frame.identifier, structure)
      case .failure(let error): return .unusable(error)
      }
    }
  }
}

extension Labelling.Tally {
  /// Takes note of what came of a frame.
  mutating func add(_ outcome: Labelling.Outcome) {
    frames += 1
    switch outcome {
    case .labelled: labelled += 1
    case .leftOut(let id, let reason): leftOut.append((id, reason))
    case .unusable(let error): unusable.append(error)
    }
  }
}
