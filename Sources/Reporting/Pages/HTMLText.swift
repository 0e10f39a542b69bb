// SPDX-License-Identifier: MIT

/// Text made safe to stand in a page.
///
/// What matters to a browser are bytes: a `<` that Swift takes for one character with the scalar before it is
/// still a `<`. So bytes are replaced here, and nothing else is looked at.
enum HTMLText {
  /// `text` with the characters that mean something in HTML replaced, and control characters, which no
  /// page may hold, by U+FFFD.
  static func escaped(_ text: String) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "&"): bytes += "&amp;".utf8
      case UInt8(ascii: "<"): bytes += "&lt;".utf8
      case UInt8(ascii: ">"): bytes += "&gt;".utf8
      case UInt8(ascii: "\""): bytes += "&quot;".utf8
      case UInt8(ascii: "'"): bytes += "&#39;".utf8
      case 9, 10: bytes.append(byte)
      case ..<32, 127: bytes += "\u{FFFD}".utf8
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A table, which gets a scroll bar where the page is narrower; columns named in `numbers` are
  /// right-aligned.
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
    return "<div class=\"table\"><table>\n\(head)<tbody>\n\(body)\n</tbody></table></div>\n"
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
