// SPDX-License-Identifier: MIT

/// All tables of a report, to be written into files.
public struct TableSet: Sendable {
  /// What a file holds.
  public enum Form: String, Sendable {
    /// Numbers as the JSON has them, for programs.
    case csv
    /// Tables for a paper.
    case latex = "tex"
  }

  /// The table that a single CSV file holds.
  public let main: ResultTable
  /// All others.
  public let others: [ResultTable]

  /// The tables of a report.
  public init(main: ResultTable, others: some Sequence<ResultTable>) {
    (self.main, self.others) = (main, Array(others))
  }

  /// The one file: the main table as CSV; as LaTeX everything that fits a page of paper.
  public func file(_ form: Form) -> String {
    switch form {
    case .csv: main.csv()
    case .latex: LaTeXText.document(([main] + others).filter { !$0.isLong && !$0.isWide })
    }
  }

  /// A file a table, by name without ending.
  public func files(_ form: Form) -> [(name: String, text: String)] {
    ([main] + others).compactMap { table in
      switch form {
      case .csv: (table.name, table.csv())
      case .latex: table.isWide ? nil : (table.name, LaTeXText.document([table]))
      }
    }
  }
}
