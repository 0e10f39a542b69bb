// SPDX-License-Identifier: MIT

import Files
import StructureFiles

/// What the relaxations of a run cost, by its summary or its journal.
public struct RunCost: Hashable, Sendable {
  /// Structures in it.
  public let structures: Int
  /// Mean seconds a structure; wall time of its worker.
  public let seconds: Double
  /// Mean evaluations of forces a structure.
  public let evaluations: Double

  /// Reads a summary as `relax run --summary` writes it.
  ///
  /// - Throws: `FileError` with the line that is none.
  public init(summary path: String) throws(FileError) {
    var (count, seconds, evaluations) = (0, 0.0, 0.0)
    for (number, line) in try TextFile.lines(of: path).enumerated() where !line.isEmpty {
      guard let json = try? JSONText(parsing: line), let took = json["seconds"]?.number,
        let calls = json["evaluations"]?.number
      else {
        throw FileError(
          .content, file: path, line: number + 1,
          "expected a line of a summary, with `seconds` and `evaluations`")
      }
      count += 1
      seconds += took
      evaluations += calls
    }
    guard count > 0 else {
      throw FileError(.content, file: path, "the summary is empty")
    }
    structures = count
    (self.seconds, self.evaluations) = (seconds / Double(count), evaluations / Double(count))
  }

  /// The cost of what runs have left beside their relaxed structures; nil unless all of them say what they took.
  public init?(records: [RunRecord?]) {
    let told = records.compactMap { $0?.structures }.filter { !$0.isEmpty }
    guard told.count == records.count, !told.isEmpty else { return nil }
    let all = told.flatMap { $0 }
    structures = all.count
    seconds = all.reduce(0) { $0 + $1.seconds } / Double(all.count)
    evaluations = all.reduce(0) { $0 + Double($1.evaluations) } / Double(all.count)
  }
}
