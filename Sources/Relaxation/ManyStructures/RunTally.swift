// SPDX-License-Identifier: MIT

/// How many structures of a run ended how, and what that took.
public struct RunTally: Hashable, Sendable {
  /// Structures by status.
  public private(set) var counts: [RelaxationStatus: Int] = [:]
  /// Displacements of all structures.
  public private(set) var steps = 0
  /// Evaluations of all structures.
  public private(set) var evaluations = 0

  /// A count that begins at nothing.
  public init() {}

  /// Structures in all.
  public var structures: Int { counts.values.reduce(0, +) }

  /// Structures with that status.
  public subscript(status: RelaxationStatus) -> Int { counts[status] ?? 0 }

  mutating func add(_ status: RelaxationStatus, steps: Int, evaluations: Int) {
    counts[status, default: 0] += 1
    self.steps += steps
    self.evaluations += evaluations
  }

  /// Takes in what another part of a run has done.
  public mutating func add(_ other: RunTally) {
    counts.merge(other.counts, uniquingKeysWith: +)
    steps += other.steps
    evaluations += other.evaluations
  }

  mutating func remove(_ status: RelaxationStatus, steps: Int, evaluations: Int) {
    counts[status, default: 0] -= 1
    self.steps -= steps
    self.evaluations -= evaluations
  }
}
