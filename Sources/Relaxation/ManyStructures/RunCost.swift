// SPDX-License-Identifier: MIT

import Files
import StructureFiles

/// What the relaxations of a run cost, by its summary.
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
}
