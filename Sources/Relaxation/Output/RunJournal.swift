// SPDX-License-Identifier: MIT

import StructureFiles

/// What a run has finished, line by line: the truth from which an interrupted run goes on.
///
/// Text, tab-separated. First the settings that decide the results; then a line for every finished
/// structure. `done`: its output is in the files, up to the offsets given. `ahead`: it finished
/// before one that precedes it in the input, and waits in the spool file. Each line ends with a
/// checksum, and one that a kill cut short does not count.
enum RunJournal {
  static let signature = "relax-journal\t1"
  /// Ends the settings.
  static let begin = "begin"

  /// What is known of a finished structure.
  struct Entry: Equatable {
    var index: Int
    var status: RelaxationStatus
    var steps: Int
    var evaluations: Int
    var place: Place
    /// Line of the summary, without its end.
    var summary: String

    enum Place: Equatable {
      /// Lengths of relaxed file, trajectory and summary with this structure in them.
      case done(relaxed: Int, trajectory: Int, summary: Int)
      /// Place in the spool file: relaxed frame first, then trajectory.
      case ahead(offset: Int, relaxed: Int, trajectory: Int)
    }

    var line: String {
      let fields =
        switch place {
        case .done(let relaxed, let trajectory, let summary):
          ["done", "\(relaxed)", "\(trajectory)", "\(summary)"]
        case .ahead(let offset, let relaxed, let trajectory):
          ["ahead", "\(offset)", "\(relaxed)", "\(trajectory)"]
        }
      let all = fields + ["\(index)", status.rawValue, "\(steps)", "\(evaluations)", summary]
      return sealed(all.joined(separator: "\t"))
    }

    init?(line: Substring) {
      guard let body = unsealed(line) else { return nil }
      let fields = body.split(separator: "\t", maxSplits: 8, omittingEmptySubsequences: false)
      guard fields.count == 9, let first = Int(fields[1]), let second = Int(fields[2]),
        let third = Int(fields[3]), let index = Int(fields[4]),
        let status = RelaxationStatus(rawValue: String(fields[5])), let steps = Int(fields[6]),
        let evaluations = Int(fields[7])
      else { return nil }
      switch fields[0] {
      case "done": place = .done(relaxed: first, trajectory: second, summary: third)
      case "ahead": place = .ahead(offset: first, relaxed: second, trajectory: third)
      default: return nil
      }
      (self.index, self.status, self.steps) = (index, status, steps)
      self.evaluations = evaluations
      summary = String(fields[8])
    }

    init(
      index: Int, status: RelaxationStatus, steps: Int, evaluations: Int, place: Place,
      summary: String
    ) {
      (self.index, self.status, self.steps) = (index, status, steps)
      (self.evaluations, self.place, self.summary) = (evaluations, place, summary)
    }
  }

  /// What a journal starts with.
  static func head(_ settings: [RunSetting]) -> [UInt8] {
    let lines = settings.map { sealed("set\t\($0.name)\t\($0.value)") }
    return Array("\(signature)\n\(lines.joined())\(begin)\n".utf8)
  }

  static func setting(line: Substring) -> RunSetting? {
    guard let body = unsealed(line) else { return nil }
    let fields = body.split(separator: "\t", maxSplits: 2, omittingEmptySubsequences: false)
    guard fields.count == 3, fields[0] == "set" else { return nil }
    return RunSetting(String(fields[1]), String(fields[2]))
  }

  private static func sealed(_ body: String) -> String {
    "\(body)\t\(String(checksum(body.utf8), radix: 16))\n"
  }

  private static func unsealed(_ line: Substring) -> Substring? {
    guard let end = line.lastIndex(of: "\t") else { return nil }
    let body = line[..<end]
    guard String(checksum(body.utf8), radix: 16) == line[line.index(after: end)...] else {
      return nil
    }
    return body
  }

  /// FNV-1a, 64 bits.
  private static func checksum(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }
}

/// A setting that decides what a run writes, with its value in words.
public struct RunSetting: Hashable, Sendable {
  /// Name as on the command line.
  public var name: String
  /// Value in full.
  public var value: String

  /// A setting; tabs and line ends in `value` are replaced by spaces.
  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = String(value.map { $0 == "\t" || $0.isNewline ? " " : $0 })
  }
}
