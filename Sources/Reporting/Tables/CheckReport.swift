// SPDX-License-Identifier: MIT

import Files
import Relaxation
import StructureFiles

/// What a check of structures found, to be shown.
public struct CheckReport: Sendable {
  /// Structures looked at.
  public private(set) var structures = 0
  /// Of these, how many cannot be relaxed.
  public private(set) var withErrors = 0
  /// Of these, how many have an error or a warning.
  public private(set) var withFindings = 0
  /// Everything that was found, in the order of the structures.
  public private(set) var findings: [StructureCheck.Finding] = []
  /// Which structure each of them is about: ids may repeat.
  private var owners: [Int] = []

  /// Nothing looked at yet.
  public init() {}

  /// Adds the findings on the next structure.
  public mutating func add(_ findings: [StructureCheck.Finding]) {
    structures += 1
    if !findings.isEmpty { withFindings += 1 }
    if findings.contains(where: { $0.severity == .error }) { withErrors += 1 }
    self.findings += findings
    owners += findings.map { _ in structures }
  }

  /// For the terminal: what is said of many structures is said once, with the first ones' ids.
  public func text() -> String {
    guard !findings.isEmpty else {
      return "\(structures) structure\(structures == 1 ? "" : "s"), nothing to complain of\n"
    }
    var lines = ""
    for severity in [StructureCheck.Finding.Severity.error, .warning] {
      for kind in StructureCheck.Finding.Kind.allCases {
        // One kind may have several hints.
        var groups: [(hint: String, findings: [StructureCheck.Finding], owners: Set<Int>)] = []
        for (finding, owner) in zip(findings, owners)
        where finding.severity == severity && finding.kind == kind {
          if let place = groups.firstIndex(where: { $0.hint == finding.hint }) {
            groups[place].findings.append(finding)
            groups[place].owners.insert(owner)
          } else {
            groups.append((finding.hint, [finding], [owner]))
          }
        }
        for (hint, found, owners) in groups {
          lines += "\(severity.rawValue): \(kind.rawValue), \(owners.count) of \(structures)\n"
          for finding in found.prefix(CheckReport.listed) {
            lines += "  \(Excerpt.name(finding.id)): \(finding.message)\n"
          }
          if found.count > CheckReport.listed {
            lines += "  and \(found.count - CheckReport.listed) more, all of them in the JSON\n"
          }
          lines += "  → \(hint)\n"
        }
      }
    }
    return lines
  }

  private static let listed = 3

  /// Everything, for programs.
  public var json: JSONText {
    [
      "structures": .integer(structures), "with_errors": .integer(withErrors),
      "with_findings": .integer(withFindings),
      "findings": .array(
        findings.map {
          [
            "id": .string($0.id), "severity": .string($0.severity.rawValue),
            "kind": .string($0.kind.rawValue), "message": .string($0.message),
            "hint": .string($0.hint),
          ]
        }),
    ]
  }
}
