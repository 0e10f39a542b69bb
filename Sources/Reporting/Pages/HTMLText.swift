// SPDX-License-Identifier: MIT

/// Text made safe to stand in a page.
enum HTMLText {
  /// `text` with the characters that mean something in HTML replaced.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// A table; columns named in `numbers` are right-aligned.
  static func table(_ header: [String], _ rows: [[String]], numbers: Set<Int> = []) -> String {
    func cells(_ row: [String], _ tag: String) -> String {
      row.enumerated().map { index, cell in
        let mark = numbers.contains(index) ? " class=\"number\"" : ""
        let scope = tag == "th" ? " scope=\"col\"" : ""
        return "<\(tag)\(scope)\(mark)>\(escaped(cell))</\(tag)>"
      }.joined()
    }
    let head = header.isEmpty ? "" : "<thead><tr>\(cells(header, "th"))</tr></thead>\n"
    let body = rows.map { "<tr>\(cells($0, "td"))</tr>" }.joined(separator: "\n")
    return "<table>\n\(head)<tbody>\n\(body)\n</tbody></table>\n"
  }

  /// A table with its title and notes.
  static func section(_ table: TextTable) -> String {
    let numbers = Set(table.columns.indices.filter { table.columns[$0].alignment == .right })
    let header = table.columns.map(\.header)
    var text = table.title.isEmpty ? "" : "<h2>\(escaped(table.title))</h2>\n"
    text += HTMLText.table(
      header.allSatisfy(\.isEmpty) ? [] : header, table.rows, numbers: numbers)
    if !table.notes.isEmpty {
      text += "<p><small>\(table.notes.map(escaped).joined(separator: " "))</small></p>\n"
    }
    return text
  }
}
