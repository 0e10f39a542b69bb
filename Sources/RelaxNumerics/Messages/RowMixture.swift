// SPDX-License-Identifier: MIT

import CKernels

/// Mixtures of rows, x_g = Σ_k w_k row_k over the weights of a group, for items with weights of their own;
/// and what takes derivatives back through them.
///
/// Values between the knots of a table are mixtures of its rows, sums over harmonics are, and so are radial
/// functions times trained factors.
public struct RowMixture: Sendable {
  /// Groups of consecutive weights.
  public struct Groups: Sendable {
    let starts: AlignedBuffer<Int32>
    /// Number of groups.
    public let count: Int
    /// Number of weights.
    public let weights: Int

    /// Groups of so many weights each.
    public init(sizes: [Int]) {
      precondition(!sizes.isEmpty && sizes.allSatisfy { $0 > 0 })
      var starts: [Int32] = [0]
      for size in sizes { starts.append(starts[starts.count - 1] + Int32(size)) }
      (self.starts, count, weights) = (AlignedBuffer(starts), sizes.count, Int(starts[sizes.count]))
    }
  }

  private let groups: Groups
  private let weights: DenseLayer.Rows
  private let rows: FloatMatrix
  private let start: Int
  private let first: (list: AlignedBuffer<Int32>, from: Int)?

  /// Mixtures of rows of `rows`.
  ///
  /// - Parameters:
  ///   - groups: which weights belong together.
  ///   - weights: a row of numbers an item, in their order or listed.
  ///   - rows: what is mixed.
  ///   - start: the row that a first weight belongs to.
  ///   - first: rows after `start` that the first weights of items belong to, from a place in a list on;
  ///     nil for 0.
  public init(
    _ groups: Groups, weights: DenseLayer.Rows, of rows: FloatMatrix, from start: Int = 0,
    first: (list: AlignedBuffer<Int32>, from: Int)? = nil
  ) {
    precondition(start >= 0 && start <= rows.rows)
    (self.groups, self.weights, self.rows, self.start) = (groups, weights, rows, start)
    self.first = first
  }

  /// Mixes `count` items into `groups` rows each of `out`, or adds them to what is there.
  ///
  /// - Parameters:
  ///   - out: receives the rows of item i from row (`base` + i) · groups on.
  ///   - base: see `out`.
  ///   - items: which items of `out` they are, from a place in a list on; then `base` does not count.
  /// - Complexity: O(`count` · weights · columns).
  public func mix(
    _ count: Int, into out: FloatMatrix, base: Int = 0,
    items: (list: AlignedBuffer<Int32>, from: Int)? = nil, adding: Bool = false,
    kernels: KernelSet
  ) {
    guard count > 0 else { return }
    var view = view(count, out, base, items)
    view.accumulates = adding ? 1 : 0
    relax_mix(kernels.rawValue, &view, Int32(count))
  }

  /// Adds the derivatives by rows, from those by what was mixed, which are rows of `d` as of `out` in
  /// ``mix(_:into:base:items:adding:kernels:)``.
  public func addBack(
    _ count: Int, of d: FloatMatrix, base: Int = 0,
    items: (list: AlignedBuffer<Int32>, from: Int)? = nil, kernels: KernelSet
  ) {
    guard count > 0 else { return }
    var view = view(count, d, base, items)
    relax_mix_back(kernels.rawValue, &view, Int32(count))
  }

  /// Adds the derivatives by weights, from those by what was mixed, to rows of `slopes` from `row` on.
  public func addSlopes(
    _ count: Int, of d: FloatMatrix, base: Int = 0,
    items: (list: AlignedBuffer<Int32>, from: Int)? = nil, to slopes: FloatMatrix, row: Int,
    kernels: KernelSet
  ) {
    guard count > 0 else { return }
    precondition(row >= 0 && row + count <= slopes.rows && slopes.columns >= groups.weights)
    var view = view(count, d, base, items)
    relax_mix_slopes(
      kernels.rawValue, &view, Int32(count), slopes.buffer.base + row * slopes.stride,
      Int64(slopes.stride))
  }

  private func view(
    _ count: Int, _ x: FloatMatrix, _ base: Int,
    _ items: (list: AlignedBuffer<Int32>, from: Int)?
  ) -> relax_mixture {
    precondition(x.columns == rows.columns, "\(x.columns) columns of \(rows.columns)")
    weights.requireRows(count, columns: groups.weights)
    func largest(_ list: (list: AlignedBuffer<Int32>, from: Int)) -> Int {
      precondition(list.from >= 0 && list.from + count <= list.list.count)
      var worst: UInt32 = 0
      for k in list.from..<list.from + count {
        worst = max(worst, UInt32(bitPattern: list.list.base[k]))
      }
      return Int(worst)
    }
    precondition(start + (first.map(largest) ?? 0) + groups.weights <= rows.rows, "rows to mix")
    precondition(base >= 0)
    precondition(
      ((items.map(largest) ?? base + count - 1) + 1) * groups.count <= x.rows, "rows of items")
    var view = relax_mixture()
    view.weights = weights.view
    (view.starts, view.groups) = (UnsafePointer(groups.starts.base), Int32(groups.count))
    (view.rows, view.rows_stride) = (
      rows.buffer.base + start * rows.stride, Int64(rows.stride)
    )
    view.first = first.map { UnsafePointer($0.list.base + $0.from) }
    view.x = x.buffer.base + (items == nil ? base * groups.count * x.stride : 0)
    view.x_stride = Int64(x.stride)
    view.x_items = items.map { UnsafePointer($0.list.base + $0.from) }
    view.columns = Int32(rows.columns)
    return view
  }
}
