// SPDX-License-Identifier: MIT

/// A table for the terminal: a title, columns lined up, numbers to the right, notes below.
///
/// ```
/// Splits
///
///   split     structures   ADwT
///   ───────   ──────────   ──────
///   val_id            50   64.9 %
/// ```
public struct TextTable: Hashable, Sendable {
  /// On which side the text of a column starts.
  public enum Alignment: Hashable, Sendable {
    /// To the left, as words are.
    case left
    /// To the right, as numbers are.
    case right
  }

  /// Which characters may be used for lines.
  public enum Style: Hashable, Sendable {
    /// Plain hyphens, for terminals that show nothing else.
    case ascii
    /// Box-drawing characters.
    case unicode
  }

  /// A column's header and alignment.
  public struct Column: Hashable, Sendable {
    /// What stands above it.
    public var header: String
    /// Where its text starts.
    public var alignment: Alignment

    /// A column of numbers, or of words with `alignment: .left`.
    public init(_ header: String, _ alignment: Alignment = .right) {
      (self.header, self.alignment) = (header, alignment)
    }
  }

  /// What stands above the table; nothing if empty.
  public var title: String
  /// The columns; headers that are all empty are left out.
  public var columns: [Column]
  /// The cells of each row.
  public private(set) var rows: [[String]] = []
  /// Lines below the table.
  public var notes: [String] = []

  /// A table without rows.
  public init(title: String = "", columns: [Column]) {
    (self.title, self.columns) = (title, columns)
  }

  /// Adds a row of as many cells as there are columns.
  public mutating func append(_ cells: String...) { append(cells) }

  /// Adds a row of as many cells as there are columns.
  public mutating func append(_ cells: [String]) {
    precondition(
      cells.count == columns.count, "\(cells.count) cells in a table of \(columns.count) columns")
    rows.append(cells)
  }

  /// The table as lines of text, the last one ended too; no line ends in blanks.
  ///
  /// Control characters in cells (an id may hold anything) show as `?`.
  public func text(style: Style = .unicode) -> String {
    let rows = self.rows.map { $0.map(TextTable.printable) }
    let widths = columns.indices.map { column in
      rows.reduce(columns[column].header.count) { max($0, $1[column].count) }
    }
    var lines: [String] = []
    if !title.isEmpty { lines += [title, ""] }
    if columns.contains(where: { !$0.header.isEmpty }) {
      lines.append(line(columns.map(\.header), widths))
      let rule: Character = style == .unicode ? "─" : "-"
      lines.append(line(widths.map { String(repeating: rule, count: $0) }, widths))
    }
    lines += rows.map { line($0, widths) }
    if !notes.isEmpty { lines += [""] + notes.map { "  " + TextTable.printable($0) } }
    return lines.map { $0 + "\n" }.joined()
  }

  /// The table as Markdown, with its title as a heading of the second level.
  public func markdown() -> String {
    func row(_ cells: [String]) -> String {
      "| " + cells.map(TextTable.markdown).joined(separator: " | ") + " |"
    }
    var lines = title.isEmpty ? [] : ["## " + TextTable.markdown(title), ""]
    lines.append(row(columns.map(\.header)))
    lines.append(row(columns.map { $0.alignment == .right ? "---:" : "---" }))
    lines += rows.map(row)
    if !notes.isEmpty { lines += [""] + notes.map(TextTable.markdown) }
    return lines.map { $0 + "\n" }.joined()
  }

  private func line(_ cells: [String], _ widths: [Int]) -> String {
    var result = "  "
    for column in columns.indices {
      let padding = String(repeating: " ", count: widths[column] - cells[column].count)
      if column > 0 { result += "   " }
      result +=
        columns[column].alignment == .right ? padding + cells[column] : cells[column] + padding
    }
    while result.last == " " { result.removeLast() }
    return result
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

  private static func printable(_ text: String) -> String {
    String(
      String.UnicodeScalarView(
        text.unicodeScalars.map {
          $0.properties.generalCategory == .control ? "?" : $0
        }))
  }
}
