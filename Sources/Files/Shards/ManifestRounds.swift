// SPDX-License-Identifier: MIT

/// Walks through the lines of several manifests in the order of the whole input.
///
/// Each manifest has a line for each of its structures, which others may follow that belong to it, and then a line
/// `read` with the number of structures that the whole input has.
package struct ManifestRounds {
  private let output: String
  private let manifests: [ShardManifest]
  private var lines: [ManifestLines]

  /// At the beginning of the manifests of shards of `output`, which are in the order of their numbers.
  package init(_ manifests: [ShardManifest], of output: String) {
    (self.output, self.manifests) = (output, manifests)
    // Outputs are read beside them.
    lines = manifests.map { $0.lines(amongst: 2 * manifests.count) }
  }

  /// Hands out the next line of each manifest, which must all begin with this word.
  package mutating func headers(_ word: String) throws -> [[String]] {
    try lines.indices.map { number in
      guard let fields = try lines[number].next(), fields.first == word else {
        throw lines[number].defect
      }
      return fields
    }
  }

  /// Hands out the structures up to the next line `read`.
  ///
  /// - Parameter body: receives the number of the manifest among all, a structure's first line, and the
  ///   lines behind it.
  /// - Returns: the structures of the whole input.
  /// - Throws: `ShardSetError` if manifests do not agree about that.
  package mutating func structures(
    _ body: (Int, [String], inout ManifestLines) throws -> Void
  ) throws -> Int {
    var counts = [Int](repeating: 0, count: lines.count)
    var totals = [Int?](repeating: nil, count: lines.count)
    while totals.contains(nil) {
      for number in lines.indices where totals[number] == nil {
        guard let fields = try lines[number].next() else { throw lines[number].defect }
        if fields.count == 2, fields[0] == "read" {
          let total = Int(fields[1])
          guard let total, manifests[number].shard.size(of: total) == counts[number] else {
            throw lines[number].defect
          }
          totals[number] = total
        } else {
          try body(number, fields, &lines[number])
          counts[number] += 1
        }
      }
    }
    let all = totals.compactMap { $0 }
    let first = all.first ?? 0
    guard let other = all.firstIndex(where: { $0 != first }) else { return first }
    throw ShardSetError(
      .foreign,
      "\(PathText.shown(output)): shard \(manifests[0].shard) was made of an input with \(first) structures, "
        + "shard \(manifests[other].shard) of one with \(all[other]); all must read the same")
  }

  /// The lines of the first manifest that begin with this word, of which all have the same.
  package mutating func common(_ words: Set<String>) throws -> [[String]] {
    var found: [[String]] = []
    for number in lines.indices {
      while let fields = try lines[number].peek(), words.contains(fields[0]) {
        _ = try lines[number].next()
        if number == 0 { found.append(fields) }
      }
    }
    return found
  }
}

extension FileError {
  /// As fields of a line, from which it can be made again.
  package var fields: [String] {
    [
      "\(kind)", file, line.map { "\($0)" } ?? "", column.map { "\($0)" } ?? "", part ?? "",
      message,
    ]
  }

  /// From what ``fields`` gave; nil for anything else.
  package init?(fields: ArraySlice<String>) {
    let fields = Array(fields)
    let kinds: [Kind] = [
      .unreadable, .framing, .content, .unwritable, .wrongName, .exists, .inUse, .inconsistent,
    ]
    guard fields.count == 6, let kind = kinds.first(where: { "\($0)" == fields[0] }) else {
      return nil
    }
    self.init(
      kind, file: fields[1], line: Int(fields[2]), column: Int(fields[3]),
      part: fields[4].isEmpty ? nil : fields[4], fields[5])
  }
}
