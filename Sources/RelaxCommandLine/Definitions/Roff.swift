// SPDX-License-Identifier: MIT

/// Text in the language of man pages, by the macros that every `man` has.
struct Roff {
  /// What was written.
  private(set) var text =
    ".\\\" Made by `relax --generate-manual` from the definitions of its commands.\n"

  /// A line that is already in that language.
  mutating func line(_ line: String) { text += line + "\n" }

  /// Parts two paragraphs; the first of a section needs nothing.
  private mutating func begin() {
    let last = text.split(separator: "\n").last ?? ""
    if !last.hasPrefix(".SH") { line(".PP") }
  }

  /// A heading.
  mutating func section(_ title: String) { line(".SH \"\(Roff.escaped(title))\"") }

  /// A paragraph of prose.
  mutating func paragraph(_ prose: String) {
    begin()
    fill(prose)
  }

  /// Lines that stay as they are.
  mutating func literal(_ lines: [String]) {
    begin()
    line(".nf")
    for each in lines { line(Roff.guarded(Roff.escaped(each))) }
    line(".fi")
  }

  /// A term, already in that language, with what it means.
  mutating func entry(_ term: String, _ prose: String) {
    line(".TP")
    line(term)
    fill(prose)
  }

  /// Prose, in lines of which none is wider than it need be.
  private mutating func fill(_ prose: String) {
    var current = ""
    for word in prose.split(separator: " ").map({ Roff.escaped(String($0)) }) {
      if !current.isEmpty && current.utf8.count + 1 + word.utf8.count > 78 {
        line(Roff.guarded(current))
        current = ""
      }
      current += current.isEmpty ? word : " " + word
    }
    line(Roff.guarded(current))
  }

  /// `text` such that it is shown as it is.
  static func escaped(_ text: String) -> String {
    text.unicodeScalars.reduce(into: "") { result, scalar in
      switch scalar {
      case "\\": result += "\\e"
      case "-": result += "\\-"
      case "'": result += "\\(aq"
      case "`": result += "\\(ga"
      case "^": result += "\\(ha"
      case "~": result += "\\(ti"
      case "\"": result += "\\(dq"
      case "…": result += "..."
      case _ where scalar.isASCII: result.unicodeScalars.append(scalar)
      default:
        let digits = String(scalar.value, radix: 16, uppercase: true)
        result += "\\[u\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)]"
      }
    }
  }

  /// A line that is escaped already, never taken for a request; an empty one stays a line.
  private static func guarded(_ line: String) -> String {
    line.isEmpty || line.hasPrefix(".") ? "\\&" + line : line
  }
}
