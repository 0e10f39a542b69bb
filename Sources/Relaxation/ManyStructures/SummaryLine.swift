// SPDX-License-Identifier: MIT

import Files
import StructureFiles

/// One structure in the summary of a run.
struct SummaryLine {
  var id: String
  var index: Int
  var result: RelaxationResult
  var seconds: Double
  /// Settings that the structure was relaxed with and the run had not at its beginning.
  var changed: [RecordedSetting] = []

  var json: String {
    var members: [JSONText.Member] = [
      .init("id", .string(id)),
      .init("index", .integer(index)),
      .init("status", .string(result.status.rawValue)),
      .init("reason", .string(result.reason)),
      .init("steps", .integer(result.steps)),
      .init("evaluations", .integer(result.evaluations)),
      .init("energy", JSONText(result.energy)),
      .init("fmax", JSONText(result.fmax)),
      .init("seconds", .number((seconds * 1e6).rounded() / 1e6)),
    ]
    if !changed.isEmpty { members.append(.init("settings", SummaryLine.settings(changed))) }
    return JSONText.object(members).text(.oneLine)
  }

  /// How settings stand in a line.
  static func settings(_ settings: [RecordedSetting]) -> JSONText {
    .object(
      settings.map { setting in
        .init(
          setting.name,
          Int(setting.value).map { .integer($0) } ?? Double(setting.value).map { .number($0) }
            ?? .string(setting.value))
      })
  }
}
