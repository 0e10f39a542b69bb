// SPDX-License-Identifier: MIT

import Files

/// The table in a page: complete without scripts; `tables.js` makes headings sort and rows filter.
///
/// What that script needs stands in attributes: what a column is (`data-kind`), what it is called in a CSV
/// file (`data-key`, or `data-parts` if it has several fields), and what a cell is where it is shown in
/// another way (`data-value`).
extension ResultTable {
  /// The table with its caption, if it is to have one, and notes.
  func html(hasCaption: Bool = true) -> String {
    let caption = HTMLText.escaped(self.caption)
    let shown = visible
    let numeric = Set(shown.filter(isNumeric))
    let classes = ["result"] + (rows.count > 25 ? ["long"] : []) + (shown.count > 3 ? ["wide"] : [])
    let prose = Set(shown.filter { column in rows.contains { $0[column].isProse } })
    var text =
      "<section class=\"\(classes.joined(separator: " "))\" data-table=\"\(HTMLText.escaped(name))\">\n"
    text +=
      "<div class=\"bar\">\(hasCaption && !caption.isEmpty ? "<h3>\(caption)</h3>" : "")</div>\n"
    let label = caption.isEmpty ? "table" : caption
    text += "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"\(label)\"><table>\n"
    text +=
      "<thead><tr>\(shown.map { heading($0, numeric, isProse: prose.contains($0)) }.joined())</tr></thead>\n<tbody>\n"
    let marks = shown.map { mark($0, isProse: prose.contains($0)) }
    for (index, row) in rows.enumerated() {
      if index == ResultTable.atFirst { text += "</tbody>\n<tbody class=\"rest\">\n" }
      text += "<tr>"
      for (column, mark) in zip(shown, marks) { text += cell(row[column], column, mark) }
      text += "</tr>\n"
    }
    text += "</tbody></table></div>\n"
    if !notes.isEmpty {
      text +=
        "<p class=\"notes\"><small>\(notes.map(HTMLText.escaped).joined(separator: " "))</small></p>\n"
    }
    return text + "</section>\n"
  }

  /// Rows beyond these are shown when asked for, where there are scripts; `tables.js` has the same number.
  private static let atFirst = 200

  private func mark(_ column: Int, isProse: Bool) -> String {
    if columns[column].alignment == .right { return " class=\"number\"" }
    return isProse ? " class=\"prose\"" : ""
  }

  private func heading(_ index: Int, _ numeric: Set<Int>, isProse: Bool) -> String {
    let column = columns[index]
    let kind =
      numeric.contains(index) ? "number" : column.role == .choice ? "choice" : "text"
    var attributes = " scope=\"col\" data-kind=\"\(kind)\""
    switch column.keys.count {
    case 0: break
    case 1: attributes += " data-key=\"\(HTMLText.escaped(column.keys[0]))\""
    default: attributes += " data-parts=\"\(HTMLText.escaped(column.keys.joined(separator: " ")))\""
    }
    attributes += mark(index, isProse: isProse)
    let unit = column.unit.isEmpty ? "" : " <span>(\(HTMLText.escaped(column.unit)))</span>"
    let name = column.unit.isEmpty ? column.name : column.header
    return "<th\(attributes)>\(HTMLText.escaped(name))\(unit)</th>"
  }

  private func cell(_ cell: Cell, _ index: Int, _ mark: String) -> String {
    let shown = HTMLText.escaped(cell.shown)
    let value = self.value(of: cell)
    let data = value == cell.shown ? "" : " data-value=\"\(HTMLText.escaped(value))\""
    guard cell.isName else { return "<td\(mark)\(data)>\(shown)</td>" }
    let title = HTMLText.escaped(Excerpt.name(value, atMost: ResultTable.longestName))
    guard let structure = cell.structure else {
      return "<td class=\"name\"\(data)><span title=\"\(title)\">\(shown)</span></td>"
    }
    return "<td class=\"name\"\(data)><a class=\"structure\" href=\"#structures\" "
      + "data-structure=\"\(structure)\" title=\"\(title)\">\(shown)</a></td>"
  }

  /// Names of thousands of characters would make pages of megabytes.
  private static let longestName = 256

  /// What a cell is, in one attribute.
  private func value(of cell: Cell) -> String {
    let value = cell.values.map { CSVText.plain($0) }.joined(separator: " ")
    guard cell.isName, value.unicodeScalars.count > ResultTable.longestName else { return value }
    return Excerpt.name(value, atMost: ResultTable.longestName)
  }
}
