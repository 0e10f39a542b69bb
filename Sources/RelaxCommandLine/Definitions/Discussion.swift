// SPDX-License-Identifier: MIT

/// What an exit code tells.
struct ExitCodeMeaning: Equatable {
  /// The code, or `64` of the codes `64 to 74`.
  var code: Int
  /// In words.
  var meaning: String
}

extension [ExitCodeMeaning] {
  /// These and, of the codes 64 to 74 that `common` explains, those that they are silent of.
  func filled(from common: [ExitCodeMeaning]) -> [ExitCodeMeaning] {
    let own = Set(map(\.code))
    return (self + common.filter { (64...74).contains($0.code) && !own.contains($0.code) })
      .sorted { $0.code < $1.code }
  }
}

/// The paragraphs of a command's help, told apart by what they are.
///
/// Help is written in one way: examples are lines that begin with `relax`, a paragraph on one line is prose, one
/// on several is shown as it stands, and exit codes have a paragraph that begins with these words.
struct Discussion {
  /// What is described.
  enum Part: Equatable {
    case prose(String)
    case literal([String])
  }

  private(set) var parts: [Part] = []
  /// Commands that can be run.
  private(set) var examples: [String] = []
  private(set) var codes: [ExitCodeMeaning] = []

  init(_ text: String) {
    for paragraph in text.split(separator: "\n\n") {
      var lines = paragraph.split(separator: "\n", omittingEmptySubsequences: false).map(
        String.init)
      let opening = "Exit codes: "
      if paragraph.hasPrefix(opening) {
        codes = Discussion.codes(in: paragraph.dropFirst(opening.count))
        continue
      }
      if lines.allSatisfy({ $0.hasPrefix("relax ") || $0.hasPrefix(" ") }),
        lines[0].hasPrefix("relax ")
      {
        examples += lines
        continue
      }
      if lines.count > 1, lines[0].hasSuffix(":"), !lines[1].hasPrefix(" ") {
        parts.append(.prose(lines.removeFirst()))
        parts.append(.literal(lines))
      } else {
        parts.append(lines.count == 1 ? .prose(lines[0]) : .literal(lines))
      }
    }
  }

  /// The codes of a list such as `0 all converged, 3 some did not; 64 to 74 as in …`.
  private static func codes(in list: Substring) -> [ExitCodeMeaning] {
    var codes: [ExitCodeMeaning] = []
    var rest = list
    if rest.hasSuffix(".") { rest = rest.dropLast() }
    for part in rest.split(whereBefore: { $0.first?.isNumber == true }) {
      let words = part.split(separator: " ", maxSplits: 1)
      guard words.count == 2, let code = Int(words[0]), !words[1].hasPrefix("to ") else {
        if let last = codes.indices.last, Int(words.first ?? "") == nil {
          codes[last].meaning += ", " + part
        }
        continue
      }
      codes.append(ExitCodeMeaning(code: code, meaning: String(words[1]) + "."))
    }
    return codes
  }
}

extension Substring {
  /// Its parts between `, ` or `; ` of which the rest after it fulfils `begins`.
  fileprivate func split(whereBefore begins: (Substring) -> Bool) -> [Substring] {
    var parts: [Substring] = []
    var start = startIndex
    for place in indices where self[place] == "," || self[place] == ";" {
      let next = self[place...].dropFirst(2)
      guard self[place...].dropFirst().first == " ", begins(next) else { continue }
      parts.append(self[start..<place])
      start = next.startIndex
    }
    return parts + [self[start...]]
  }
}
