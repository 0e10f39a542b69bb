// SPDX-License-Identifier: MIT

import Files

/// One line of a summary as it is read back: what became of one structure.
public struct SummaryRecord: Hashable, Sendable {
  /// Id of the structure.
  public var id: String
  /// Its place in the input, from 0.
  public var index: Int
  /// How its relaxation ended.
  public var status: RelaxationStatus
  /// The same in words.
  public var reason: String
  /// Displacements that were made.
  public var steps: Int
  /// Evaluations of forces.
  public var evaluations: Int
  /// Energy at the end in eV, if there is one.
  public var energy: Double?
  /// Largest force on a free atom at the end in eV/Å; nil if never evaluated.
  public var fmax: Double?
  /// Wall time of its worker in seconds.
  public var seconds: Double

  /// What a line of a summary or of a journal tells; nil if it tells something else.
  public init?(line: String) {
    guard let json = try? JSONText(parsing: line), case .string(let id)? = json["id"],
      case .integer(let index)? = json["index"], case .string(let name)? = json["status"],
      case .string(let reason)? = json["reason"], let status = RelaxationStatus(rawValue: name),
      case .integer(let steps)? = json["steps"],
      case .integer(let evaluations)? = json["evaluations"], let seconds = json["seconds"]?.number
    else { return nil }
    (self.id, self.index, self.status, self.reason) = (id, index, status, reason)
    (self.steps, self.evaluations, self.seconds) = (steps, evaluations, seconds)
    (energy, fmax) = (json["energy"]?.number, json["fmax"]?.number)
  }

  /// All lines of the summary at `path`, in its order.
  ///
  /// - Throws: `FileError` with the first line that is none, and for a file without lines.
  public static func all(of path: String) throws(FileError) -> [SummaryRecord] {
    var records: [SummaryRecord] = []
    for (number, line) in try TextFile.lines(of: path).enumerated() where !line.isEmpty {
      guard let record = SummaryRecord(line: line) else {
        throw FileError(
          .content, file: path, line: number + 1,
          "expected a line of a summary as `relax run --summary` writes it")
      }
      records.append(record)
    }
    guard !records.isEmpty else { throw FileError(.content, file: path, "the summary is empty") }
    return records
  }
}
