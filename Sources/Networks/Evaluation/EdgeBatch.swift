// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Edges whose messages are made together, target by target, as lists of rows that kernels gather.
final class EdgeBatch: @unchecked Sendable {
  /// Row of each edge's features.
  let features = AlignedBuffer<Int32>()
  /// Row of the source in tables of atoms.
  let source = AlignedBuffer<Int32>()
  /// Row of the target in tables of atoms.
  let target = AlignedBuffer<Int32>()
  /// Row of the sum that the message is added to.
  let sum = AlignedBuffer<Int32>()
  /// α.
  let weight = AlignedBuffer<Float>()
  /// Places at which edges to another target begin, and the end.
  private(set) var boundaries = [0]
  /// Number of edges.
  @exclusivity(unchecked) private(set) var count = 0
  /// Edges of the largest bundle: edges in a row with one source and one sum.
  @exclusivity(unchecked) private(set) var longestBundle = 0
  @exclusivity(unchecked) private var bundle = 0

  /// Empties it, with room for `capacity` edges.
  func begin(capacity: Int) {
    features.resize(capacity)
    source.resize(capacity)
    target.resize(capacity)
    sum.resize(capacity)
    weight.resize(capacity)
    boundaries.removeAll(keepingCapacity: true)
    boundaries.append(0)
    (count, longestBundle, bundle) = (0, 0, 0)
  }

  /// Adds an edge.
  func append(features row: Int, source: Int32, target: Int32, sum: Int32, weight: Float) {
    features[count] = Int32(row)
    self.source[count] = source
    self.target[count] = target
    self.sum[count] = sum
    self.weight[count] = weight
    count += 1
    bundle = count > 1 && !beginsBundle(count - 1) ? bundle + 1 : 1
    longestBundle = max(longestBundle, bundle)
  }

  /// Whether an edge, not the first one, has another source or sum than the one before.
  func beginsBundle(_ edge: Int) -> Bool {
    source[edge] != source[edge - 1] || sum[edge] != sum[edge - 1]
  }

  /// The last place not after `limit` at which a bundle ends; tiles are at least as long as a bundle.
  func endOfTile(from start: Int, upTo limit: Int) -> Int {
    var end = limit
    while end > start + 1 && end < count && !beginsBundle(end) { end -= 1 }
    precondition(end > start + 1 || end == count || beginsBundle(end), "a bundle would be cut")
    return end
  }

  /// Ends the edges to a target.
  func endTarget() { if boundaries[boundaries.count - 1] < count { boundaries.append(count) } }

  /// The edges cut into about equal parts, no target's edges in two of them.
  func parts(_ number: Int) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var begin = 0
    for part in 1...max(1, number) {
      let wanted = count * part / max(1, number)
      let end = part == number ? count : boundaries.last { $0 <= wanted } ?? 0
      if end > begin { parts.append(begin..<end) }
      begin = max(begin, end)
    }
    return parts
  }
}
