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
  /// Frames must pass all of these.
  public var filters: [FrameFilter] = []
  /// Structures at work at once; labels do not depend on it.
  public var threads = 1

  /// Labels from `provider`.
  public init(_ provider: any ForceProvider) { self.provider = provider }

  /// What was done.
  public struct Tally: Sendable {
    /// Frames that passed the filters, or could not be read to be asked.
    public var frames = 0
    /// Frames written.
    public var labelled = 0
    /// Frames without labels: the provider refused them, or its numbers are not finite.
    public var leftOut: [(id: String, reason: String)] = []
    /// Frames whose content cannot be used.
    public var unusable: [FileError] = []
    /// Why the file could not be read to its end.
    public var unreadable: FileError?
  }

  /// Labels what `reader` gives.
  ///
  /// - Parameters:
  ///   - write: receives the labelled structures in their order, on the calling thread.
  ///   - report: receives the tally now and then.
  /// - Throws: what `write` throws.
  public func run(
    _ reader: StructureReader, write: (Structure) throws -> Void,
    report: (Tally) -> Void = { _ in }
  ) throws -> Tally {
    var tally = Tally()
    while tally.unreadable == nil {
      let block = block(of: reader, &tally)
      if block.isEmpty { break }
      for (item, outcome) in zip(block, outcomes(block)) {
        tally.frames += 1
        switch outcome {
        case .success(let structure):
          try write(structure)
          tally.labelled += 1
        case .failure(let error): tally.leftOut.append((item.id, error.description))
        }
      }
      report(tally)
    }
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
    if let stress = evaluation.stress { result.attributes.append(stress.stressAttribute) }
    return result
  }

  private struct Item: Sendable {
    var id: String
    var structure: Structure
  }

  /// The next frames that can be used; none at the end.
  private func block(of reader: StructureReader, _ tally: inout Tally) -> [Item] {
    var block: [Item] = []
    do throws(FileError) {
      while block.count < 16 * threads, let frame = try reader.next() {
        switch frame.content {
        case .success(let structure):
          guard filters.accept(structure) else { continue }
          block.append(Item(id: frame.identifier, structure: structure))
        case .failure(let error):
          tally.frames += 1
          tally.unusable.append(error)
        }
      }
    } catch {
      tally.unreadable = error
    }
    return block
  }

  private func outcomes(_ block: [Item]) -> [Result<Structure, ForceError>] {
    let results = Guarded<[Result<Structure, ForceError>?]>(
      Array(repeating: nil, count: block.count))
    let next = Guarded(0)
    inParallel(min(threads, block.count)) { _ in
      while true {
        let place = next.withLock { next in
          defer { next += 1 }
          return next
        }
        guard place < block.count else { return }
        let result: Result<Structure, ForceError>
        do throws(ForceError) {
          var structure = try labelled(block[place].structure)
          structure.identify(as: block[place].id)
          result = .success(structure)
        } catch {
          result = .failure(error)
        }
        results.withLock { $0[place] = result }
      }
    }
    return results.withLock { $0 }.compactMap { $0 }
  }
}
