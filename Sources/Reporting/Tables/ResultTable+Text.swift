// SPDX-License-Identifier: MIT

/// The table for a terminal, columns lined up and numbers to the right, and as Markdown.
///
/// ```
/// Splits
///
///   split     structures   ADwT
///   ───────   ──────────   ──────
///   val_id            50   64.9 %
/// ```
extension ResultTable {
  /// The table as lines of text, the last one ended too; no line ends in blanks.
  ///
  /// Control characters in cells (an id may hold anything) show as `?`.
  public func text(style: Style = .unicode) -> String {
    let plain = style == .ascii
    let shown = visible.map { columns[$0] }
    let headings = shown.map { plain ? ResultTable.ascii($0.heading) : $0.heading }
    let rows = readableRows.map { row in
      visible.map { column in
        let cell = row[column]
        return ResultTable.printable(
          plain && !cell.isName ? ResultTable.ascii(cell.shown) : cell.shown)
      }
    }
    let widths = shown.indices.map { column in
      rows.reduce(headings[column].count) { max($0, $1[column].count) }
    }
    func line(_ cells: [String]) -> String {
      var result = "  "
      for column in shown.indices {
        let padding = String(repeating: " ", count: widths[column] - cells[column].count)
        if column > 0 { result += "   " }
        result +=
          shown[column].alignment == .right ? padding + cells[column] : cells[column] + padding
      }
      while result.last == " " { result.removeLast() }
      return result
    }
    var lines: [String] = []
    // A title may hold names from outside, a caption is ours.
    let ours = plain && !caption.isEmpty
    let title = ours ? title.replacing(caption, with: ResultTable.ascii(caption)) : title
    if !title.isEmpty { lines += [title, ""] }
    if headings.contains(where: { !$0.isEmpty }) {
      lines.append(line(headings))
      let rule: Character = plain ? "-" : "─"
      lines.append(line(widths.map { String(repeating: rule, count: $0) }))
    }
    lines += rows.map(line)
    let notes = readableNotes.map { plain ? ResultTable.ascii($0) : $0 }
    if !notes.isEmpty { lines += [""] + notes.map { "  " + ResultTable.printable($0) } }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The table as Markdown, with its title as a heading of the second level.
  public func markdown() -> String {
    func row(_ cells: [String]) -> String {
      "| " + cells.map(ResultTable.markdown).joined(separator: " | ") + " |"
    }
    var lines = title.isEmpty ? [] : ["## " + ResultTable.markdown(title), ""]
    lines.append(row(visible.map { columns[$0].heading }))
    lines.append(row(visible.map { columns[$0].alignment == .right ? "---:" : "---" }))
    lines += readableRows.map { cells in row(visible.map { cells[$0].shown }) }
    if !readableNotes.isEmpty { lines += [""] + readableNotes.map(ResultTable.markdown) }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The rows that a reader of text gets: the first ones of a long list, or a word that there is none.
  private var readableRows: [[Cell]] {
    if rows.isEmpty, let placeholder {
      return [
        columns.indices.map { $0 == visible.first ? .text(placeholder) : .missing }
      ]
    }
    return shortened.map { Array(rows.prefix($0)) } ?? rows
  }

  private var readableNotes: [String] {
    guard let shortened, rows.count > shortened, countsTheRest else { return notes }
    return notes + ["and \(rows.count - shortened) more, all of them in the JSON report"]
  }

  /// `text` as Markdown shows it: no column ends in it, and no HTML begins.
  static func markdown(_ text: String) -> String {
    var result = ""
    for scalar in printable(text).unicodeScalars {
      switch scalar {
      case "|", "\\": result.unicodeScalars += ["\\", scalar]
      case "<": result += "&lt;"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Our own words with what a terminal without Unicode has instead of units, arrows and dashes.
  static func ascii(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "Å": result += "A"
      case "…": result += "..."
      case "–", "−": result += "-"
      case "→": result += "->"
      case "×": result += "x"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map {
          $0.properties.generalCategory == .control ? "?" : $0
        }))
  }
}
