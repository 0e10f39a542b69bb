// SPDX-License-Identifier: MIT

import CKernels

/// Sums of rows times tabulated functions of edges, the messages of continuous filters: for each center
/// Σ x_other ⊙ W(d) over its edges.
public struct FilterSum: Sendable {
  private let table: FunctionTable
  private let points: TablePoints
  private let lists: EdgeLists

  /// Sums over `lists` with the functions of `table` at `points`, one an edge.
  public init(_ table: FunctionTable, at points: TablePoints, _ lists: EdgeLists) {
    precondition(points.count == lists.others.count)
    (self.table, self.points, self.lists) = (table, points, lists)
  }

  /// What is wanted of the derivatives by distances.
  public struct Slopes: Sendable {
    /// A row a center.
    let own: FloatMatrix
    /// 0 for each edge whose derivative is not wanted.
    let wanted: AlignedBuffer<UInt8>
    /// Receives own · (x_other ⊙ W′(d)) in addition, one an edge.
    let sums: AlignedBuffer<Float>

    /// Derivatives of Σ own · sums by distances, added to `sums` where `wanted`.
    public init(
      own: FloatMatrix, wanted: AlignedBuffer<UInt8>, addedTo sums: AlignedBuffer<Float>
    ) {
      (self.own, self.wanted, self.sums) = (own, wanted, sums)
    }
  }

  /// Fills rows `centers` of `sums`, from `column` on.
  ///
  /// - Complexity: O(edges · columns).
  public func apply(
    _ centers: Range<Int>, of x: FloatMatrix, slopes: Slopes? = nil, into sums: FloatMatrix,
    column: Int = 0, kernels: KernelSet
  ) {
    precondition(centers.lowerBound >= 0 && centers.upperBound <= lists.count)
    precondition(x.rows >= lists.count && sums.rows >= lists.count)
    precondition(x.columns == table.count && column >= 0)
    precondition(column + x.stride <= sums.stride, "columns of sums")
    var native = relax_filter()
    native.table = table.view(points)
    native.starts = UnsafePointer(lists.starts.base)
    native.edges = lists.edges.map { UnsafePointer($0.base) }
    native.others = UnsafePointer(lists.others.base)
    (native.x, native.x_stride) = (UnsafePointer(x.buffer.base), Int64(x.stride))
    if let slopes {
      precondition(slopes.own.columns == table.count && slopes.own.rows >= lists.count)
      precondition(slopes.wanted.count == points.count && slopes.sums.count == points.count)
      (native.own, native.own_stride) = (
        UnsafePointer(slopes.own.buffer.base), Int64(slopes.own.stride)
      )
      native.wanted = UnsafePointer(slopes.wanted.base)
      native.slopes = slopes.sums.base
    }
    native.columns = Int32(table.count)
    (native.sums, native.sums_stride) = (sums.buffer.base + column, Int64(sums.stride))
    relax_filter_sum(
      kernels.rawValue, &native, Int32(centers.lowerBound), Int32(centers.upperBound))
  }
}
