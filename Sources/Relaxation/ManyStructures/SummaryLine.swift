// SPDX-License-Identifier: MIT

import Files
import StructureFiles

/// One structure in the summary of a run.
struct SummaryLine {
  var id: String
  var index: Int
  var result: RelaxationResult
  var seconds: Double

  var json: String {
    let line: JSONText = [
      "id": .string(id),
      "index": .integer(index),
      "status": .string(result.status.rawValue),
      "reason": .string(result.reason),
      "steps": .integer(result.steps),
      "evaluations": .integer(result.evaluations),
      "energy": JSONText(result.energy),
      "fmax": JSONText(result.fmax),
      "seconds": .number((seconds * 1e6).rounded() / 1e6),
    ]
    return line.text(.oneLine)
  }
}
