// SPDX-License-Identifier: MIT

/// Edges by one of their ends: those of each center, and the row at the other end of each.
///
/// Numbers are checked once, here, so that kernels need not.
public struct EdgeLists: Sendable {
  /// Where the edges of each center begin; one number more than there are centers.
  public let starts: AlignedBuffer<Int32>
  /// Edges by center; nil where they are in this order already.
  public let edges: AlignedBuffer<Int32>?
  /// The row at the other end of each edge, by its number.
  public let others: AlignedBuffer<Int32>
  /// Number of centers, and of rows.
  public let count: Int

  /// Edges that are sorted by center.
  ///
  /// - Parameters:
  ///   - starts: see ``starts``.
  ///   - others: see ``others``.
  public init(starts: [Int], others: [Int32]) {
    precondition(starts.first == 0 && starts.last == others.count)
    precondition(zip(starts, starts.dropFirst()).allSatisfy { $0 <= $1 })
    count = starts.count - 1
    precondition(others.allSatisfy { $0 >= 0 && Int($0) < starts.count - 1 })
    self.starts = AlignedBuffer(starts.map { Int32($0) })
    self.others = AlignedBuffer(others)
    edges = nil
  }

  /// The same edges by their other ends, each center's in ascending order.
  public init(turning lists: EdgeLists) {
    count = lists.count
    let edgeCount = lists.others.count
    let starts = AlignedBuffer<Int32>(count: count + 1)
    let others = AlignedBuffer<Int32>(count: edgeCount)
    let edges = AlignedBuffer<Int32>(count: edgeCount)
    for edge in 0..<edgeCount { starts.base[Int(lists.others.base[edge]) + 1] += 1 }
    for center in 0..<count { starts.base[center + 1] += starts.base[center] }
    var next = (0..<count).map { starts.base[$0] }
    for center in 0..<count {
      for k in Int(lists.starts.base[center])..<Int(lists.starts.base[center + 1]) {
        let edge = lists.edges?.base[k] ?? Int32(k)
        others.base[Int(edge)] = Int32(center)
      }
    }
    for edge in 0..<edgeCount {
      let center = Int(lists.others.base[edge])
      edges.base[Int(next[center])] = Int32(edge)
      next[center] += 1
    }
    (self.starts, self.edges, self.others) = (starts, edges, others)
  }
}
