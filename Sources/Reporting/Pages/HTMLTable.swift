// SPDX-License-Identifier: MIT

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
    let prose = Set(shown.filter { column in rows.contains { isProse($0[column]) } })
    var text =
      "<section class=\"\(classes.joined(separator: " "))\" data-table=\"\(HTMLText.escaped(name))\">\n"
    text +=
      "<div class=\"bar\">\(hasCaption && !caption.isEmpty ? "<h3>\(caption)</h3>" : "")</div>\n"
    let label = caption.isEmpty ? "table" : caption
    text += "<div class=\"table\" role=\"region\" tabindex=\"0\" aria-label=\"\(label)\"><table>\n"
    text +=
      "<thead><tr>\(shown.map { heading($0, numeric, isProse: prose.contains($0)) }.joined())</tr></thead>\n<tbody>\n"
    let marks = shown.map { mark($0, isProse: prose.contains($0)) }
    for row in rows {
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

  /// Whether a cell is so long that its column has to break lines.
  private func isProse(_ cell: Cell) -> Bool {
    !cell.isName && cell.shown.utf8.count > 40
  }

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
    return "<th\(attributes)>\(HTMLText.escaped(column.name))</th>"
  }

  private func cell(_ cell: Cell, _ index: Int, _ mark: String) -> String {
    let shown = HTMLText.escaped(cell.shown)
    let value = self.value(of: cell)
    let data = value == cell.shown ? "" : " data-value=\"\(HTMLText.escaped(value))\""
    guard cell.isName else { return "<td\(mark)\(data)>\(shown)</td>" }
    guard let structure = cell.structure else {
      return "<td class=\"name\"\(data)><span title=\"\(shown)\">\(shown)</span></td>"
    }
    return "<td class=\"name\"\(data)><a class=\"structure\" href=\"#structures\" "
      + "data-structure=\"\(structure)\" title=\"\(shown)\">\(shown)</a></td>"
  }

  /// What a cell is, in one attribute; names of thousands of characters would make pages of megabytes.
  private func value(of cell: Cell) -> String {
    if cell.isName { return cell.shown }
    let values = cell.values.map { CSVText.plain($0) }
    return values.joined(separator: " ")
  }
}
