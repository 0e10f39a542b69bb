// SPDX-License-Identifier: MIT

extension ResultTable {
  /// Tables of the same columns as one, with a first column that says whose rows they are; one alone stays as it is.
  ///
  /// - Parameters:
  ///   - column: of the names.
  ///   - parts: tables with their names; their headings may differ, for which those of the first stand.
  static func stacked(_ parts: [(name: String, table: ResultTable)], by column: Column)
    -> ResultTable?
  {
    guard parts.count > 1, let first = parts.first?.table else { return parts.first?.table }
    var table = ResultTable(
      first.name, title: first.title, caption: first.caption, columns: [column] + first.columns)
    (table.isLong, table.notes, table.placeholder) = (first.isLong, first.notes, first.placeholder)
    for part in parts {
      for row in part.table.rows { table.append([.name(part.name, atMost: 32)] + row) }
    }
    return table
  }
}
