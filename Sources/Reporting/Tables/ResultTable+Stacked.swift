// SPDX-License-Identifier: MIT

import Files

extension ResultTable {
  /// Tables of the same columns as one, with a first column that says whose rows they are; one alone stays as it is.
  ///
  /// Notes that all have stand once, others say whose they are.
  ///
  /// - Parameters:
  ///   - column: of the names.
  ///   - parts: tables with their names; their headings must be the same, since one line of them stands for all.
  static func stacked(_ parts: [(name: String, table: ResultTable)], by column: Column)
    -> ResultTable?
  {
    guard parts.count > 1, let first = parts.first?.table else { return parts.first?.table }
    precondition(
      parts.allSatisfy { $0.table.columns == first.columns }, "rows under headings of others")
    var table = ResultTable(
      first.name, title: first.title, caption: first.caption, columns: [column] + first.columns)
    (table.isLong, table.placeholder) = (first.isLong, first.placeholder)
    for part in parts {
      for row in part.table.rows { table.append([.name(part.name, atMost: 32)] + row) }
    }
    for (name, part) in parts {
      for note in part.notes where !table.notes.contains(note) {
        let isShared = parts.allSatisfy { $0.table.notes.contains(note) }
        let words = isShared ? note : "\(Excerpt.name(name, atMost: 32)): \(note)"
        if !table.notes.contains(words) { table.notes.append(words) }
      }
    }
    return table
  }
}
