// SPDX-License-Identifier: MIT

import Files

/// Files of an input that could not be read, to their end or at all.
struct UnreadFiles {
  /// How many there are.
  var count: Int
  /// The first of them.
  var first: [String]

  /// These files.
  init(_ files: [String]) { self.init(count: files.count, first: files) }

  /// So many files, of which some are named.
  init(count: Int, first: [String]) { (self.count, self.first) = (count, first) }

  /// What they are, for the last column of a table.
  var words: String {
    let named = Array(first.prefix(3))
    let rest = count - named.count
    return (count == 1 ? "file that could" : "files that could") + " not be read: "
      + named.map(PathText.shown).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
  }
}
