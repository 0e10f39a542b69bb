// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// Evaluators of one structure that a driver keeps from one message to the next: one for each geometry of a batch.
struct IPIReplicas {
  /// The structure; of its geometry only which axes repeat matters.
  private(set) var structure: Structure
  private let provider: any ForceProvider
  private var slots: [Guarded<Slot>] = []
  /// The axes that the evaluators were made for.
  private var periodicity: Periodicity?

  /// One evaluator and its last answer.
  private struct Slot {
    var evaluator: any Evaluator
    var result: Result<Evaluation, ForceError>?
  }

  init(_ structure: Structure, _ provider: any ForceProvider) {
    (self.structure, self.provider) = (structure, provider)
  }

  /// Goes on with another structure; evaluators are kept if it has the same atoms.
  mutating func replace(by other: Structure) {
    let isSame =
      structure.elements == other.elements
      && structure.cell.periodicity == other.cell.periodicity
      && structure.tags == other.tags && structure.moveMask == other.moveMask
      && structure.attributes == other.attributes
    guard !isSame else { return }
    close()
    structure = other
  }

  /// What the provider says about geometries of the structure, as many at a time as there are processors for.
  ///
  /// - Parameter anew: whether each is evaluated as if it were the first.
  mutating func evaluate(
    _ geometries: [Geometry], anew: Bool = false
  ) throws(ForceError) -> [Evaluation] {
    // Short batches are filled up with the last geometry.
    var different = geometries
    while different.count > 1, different.last == different[different.count - 2] {
      different.removeLast()
    }
    try prepare(for: different)
    let wanting: Quantities = [.energy, .forces, .stress]
    let (slots, work) = (slots, different)
    let processors = max(1, WorkerThreads.processors / max(1, provider.threadsPerStructure))
    let workers = min(work.count, processors)
    inParallel(workers) { worker in
      for index in stride(from: worker, to: work.count, by: workers) {
        slots[index].withLock { slot in
          if anew { slot.evaluator.forget() }
          slot.result = Result { () throws(ForceError) in
            try slot.evaluator.evaluate(work[index], wanting: wanting)
          }
        }
      }
    }
    var found: [Evaluation] = []
    for slot in slots.prefix(work.count) {
      guard let result = slot.withLock({ $0.result }) else { continue }
      found.append(try result.get())
    }
    guard let last = found.last else { return [] }
    return found + Array(repeating: last, count: geometries.count - found.count)
  }

  /// Makes the evaluators that lack.
  private mutating func prepare(for geometries: [Geometry]) throws(ForceError) {
    guard let first = geometries.first else { return }
    if geometries.contains(where: { $0.cell.periodicity != first.cell.periodicity }) {
      throw .impossibleGeometry("the geometries of a batch repeat along different axes")
    }
    if first.cell.periodicity != periodicity { close() }
    periodicity = first.cell.periodicity
    for geometry in geometries.dropFirst(slots.count) {
      var own = structure
      (own.positions, own.cell) = (geometry.positions, geometry.cell)
      try provider.requireKnownElements(of: own)
      slots.append(try IPIReplicas.slot(own, provider))
    }
  }

  private static func slot(
    _ structure: Structure, _ provider: any ForceProvider
  ) throws(ForceError) -> Guarded<Slot> {
    Guarded(Slot(evaluator: try provider.makeEvaluator(for: structure)))
  }

  /// Gives back what evaluators hold.
  mutating func close() {
    for slot in slots { slot.withLock { $0.evaluator.close() } }
    slots = []
    periodicity = nil
  }
}
