// SPDX-License-Identifier: MIT

import StructureFiles

/// One structure in the summary of a run.
struct SummaryLine {
  var id: String
  var index: Int
  var result: RelaxationResult
  var seconds: Double

  var json: String {
    JSONText.object([
      ("id", .string(id)),
      ("index", .integer(index)),
      ("status", .string(result.status.rawValue)),
      ("reason", .string(result.reason)),
      ("steps", .integer(result.steps)),
      ("evaluations", .integer(result.evaluations)),
      ("energy", result.energy.map { .number($0) } ?? .null),
      ("fmax", result.fmax.map { .number($0) } ?? .null),
      ("seconds", .number((seconds * 1e6).rounded() / 1e6)),
    ]).text()
  }
}
