// SPDX-License-Identifier: MIT

/// A table of results: what every form of it, from the terminal to a paper, is made of.
///
/// Cells are typed (``Cell``): each knows how it is read (`37.70 %`) and what it is (0.377…), so that text,
/// Markdown, HTML and LaTeX show the same, and CSV has the numbers of the JSON.
///
/// ```
/// var table = ResultTable(
///   "splits", caption: "Splits",
///   columns: [.init("split", .left, key: "name"), .init("ADwT", key: "adwt")])
/// table.append(.text("val_id"), .share(0.649))
/// ```
public struct ResultTable: Hashable, Sendable {
  /// On which side the text of a column starts.
  public enum Alignment: Hashable, Sendable {
    /// To the left, as words are.
    case left
    /// To the right, as numbers are.
    case right
  }

  /// Which characters may be used.
  public enum Style: Hashable, Sendable {
    /// ASCII for everything but names from outside, for terminals that show nothing else.
    case ascii
    /// Box-drawing characters, units and arrows as they should be.
    case unicode
  }

  /// What a column is for, beside being read.
  public enum Role: Hashable, Sendable {
    /// To be read and sorted.
    case plain
    /// One of a few words, such as a status, of which a reader picks one.
    case choice
    /// For programs only: it is in the CSV and nowhere else.
    case hidden
  }

  /// A column's heading, its place and what programs call it.
  public struct Column: Hashable, Sendable {
    /// What stands above it, without the unit.
    public var header: String
    /// The unit of its numbers, which the heading has in brackets.
    public var unit: String
    /// Where its text starts.
    public var alignment: Alignment
    /// Names of its fields in a CSV file, those of the JSON: one for most columns, several for ranges, none
    /// for what is for people only.
    public var keys: [String]
    /// What it is for.
    public var role: Role

    /// A column of numbers, or of words with `alignment: .left`; its key is the header if none is given.
    public init(
      _ header: String, _ alignment: Alignment = .right, unit: String = "", key: String? = nil,
      role: Role = .plain
    ) {
      self.init(header, alignment, unit: unit, keys: [key ?? header], role: role)
    }

    /// A column whose cells have as many values as there are `keys`.
    public init(
      _ header: String, _ alignment: Alignment = .right, unit: String = "", keys: [String],
      role: Role = .plain
    ) {
      (self.header, self.alignment, self.unit) = (header, alignment, unit)
      (self.keys, self.role) = (keys, role)
    }

    /// A column that only programs see.
    public static func hidden(_ key: String) -> Column { Column("", key: key, role: .hidden) }

    /// What stands above it in a terminal: nothing for what explains itself.
    public var heading: String { unit.isEmpty ? header : "\(header) (\(unit))" }

    /// What stands above it where every column must have a name.
    public var name: String {
      heading.isEmpty ? (keys.first ?? "").replacing("_", with: " ") : heading
    }
  }

  /// What files and anchors are called after it: lower-case letters and `_`.
  public var name: String
  /// What stands above the table in a terminal; nothing if empty.
  public var title: String
  /// What stands above it in a page or a paper.
  public var caption: String
  /// The columns; headings that are all empty are left out in a terminal.
  public var columns: [Column]
  /// The cells of each row.
  public private(set) var rows: [[Cell]] = []
  /// Sentences below the table.
  public var notes: [String] = []
  /// How many rows a terminal shows before it refers to the JSON; all if nil.
  public var shortened: Int?
  /// Whether a note says how many rows a terminal leaves out.
  public var countsTheRest = true
  /// What the first cell says in a terminal if there is no row; nil leaves such a table empty.
  public var placeholder: String?
  /// Whether it has a row for every structure or step: too long for a page of paper.
  public var isLong = false
  /// Whether it has too many columns for any page of paper: it is for programs only.
  public var isWide = false

  /// A table without rows; its caption is the title if none is given.
  public init(_ name: String = "", title: String = "", caption: String? = nil, columns: [Column]) {
    (self.name, self.title, self.columns) = (name, title, columns)
    self.caption = caption ?? title
  }

  /// Adds a row of as many cells as there are columns.
  public mutating func append(_ cells: Cell...) { append(cells) }

  /// Adds a row of as many cells as there are columns, each with a value for every key of its column.
  public mutating func append(_ cells: [Cell]) {
    precondition(
      cells.count == columns.count, "\(cells.count) cells in a table of \(columns.count) columns")
    for (cell, column) in zip(cells, columns) where !column.keys.isEmpty {
      precondition(
        cell.values.count == column.keys.count,
        "\(cell.values.count) values for \(column.keys.count) keys of \(column.name)")
    }
    rows.append(cells)
  }

  /// Leaves out all rows but the first `count`, and says so below.
  mutating func truncate(_ count: Int) {
    guard rows.count > count else { return }
    notes.append("\(count) of \(rows.count); all of them are in the JSON.")
    rows.removeLast(rows.count - count)
  }

  /// Which columns people see.
  var visible: [Int] { columns.indices.filter { columns[$0].role != .hidden } }

  /// Whether a column holds numbers only, and so is sorted as such.
  func isNumeric(_ column: Int) -> Bool {
    var found = false
    for row in rows {
      switch row[column].values.first {
      case .number, .integer: found = true
      case .missing, nil: continue
      case .text, .boolean: return false
      }
    }
    return found
  }
}
