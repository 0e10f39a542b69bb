// SPDX-License-Identifier: MIT

import Numerics

/// Makes the messages of a batch of edges, some rows at a time, and adds them to sums.
///
/// A tile of edges goes through all layers before the next one starts, so that what is between them
/// stays in the cache. Each row is computed by itself and messages to a target are added in the order
/// of the batch: neither tiles nor threads change a bit.
struct MessagePass: @unchecked Sendable {
  let block: CompiledNetwork.Block
  /// Where filters stop and sums begin: in the first block, sums are over the sources of one element,
  /// and the last layer of the filter is applied to them.
  let sumsFilters: Bool
  let kernels: KernelSet
  let features: FloatMatrix
  let tables: NodeTables
  let sums: FloatMatrix

  /// The same, into other sums.
  func with(sums: FloatMatrix) -> MessagePass {
    MessagePass(
      block: block, sumsFilters: sumsFilters, kernels: kernels, features: features, tables: tables,
      sums: sums)
  }

  /// Memory of one thread.
  final class Workspace: @unchecked Sendable {
    let matrices: (FloatMatrix, FloatMatrix)
    let rows: Int

    /// For layers of `width` columns; two tiles and a panel of weights fill half of a usual cache of
    /// 1 MB.
    init(width: Int) {
      rows = min(32, max(1, 400_000 / (width * 8) / 6)) * 6
      matrices = (
        FloatMatrix(rows: rows, columns: width), FloatMatrix(rows: rows, columns: width)
      )
    }
  }

  /// Adds all messages of `batch`, with a thread for each workspace.
  func run(_ batch: EdgeBatch, _ workspaces: [Workspace]) {
    let parts = batch.parts(workspaces.count)
    guard !parts.isEmpty else { return }
    inParallel(parts.count) { worker in
      let part = parts[worker]
      let workspace = workspaces[worker]
      // Tiles of equal size waste the fewest rows.
      let tiles = (part.count + workspace.rows - 1) / workspace.rows
      let rows = ((part.count + tiles - 1) / tiles + 5) / 6 * 6
      for start in stride(from: part.lowerBound, to: part.upperBound, by: rows) {
        add(batch, start, min(rows, part.upperBound - start), workspace)
      }
    }
  }

  private func add(_ batch: EdgeBatch, _ start: Int, _ count: Int, _ workspace: Workspace) {
    let source = DenseLayer.Rows(tables.source, batch.source, from: start)
    let target = DenseLayer.Rows(tables.target, batch.target, from: start)
    let value = DenseLayer.Rows(tables.value, batch.source, from: start)
    let sum = DenseLayer.Rows(sums, batch.sum, from: start)
    let isSplit = block.source != nil
    var input = DenseLayer.Rows(features, batch.features, from: start)
    var current = workspace.matrices.1

    func apply(_ layer: DenseLayer, _ number: Int, times factor: DenseLayer.Rows?, ends: Bool) {
      let next = current === workspace.matrices.0 ? workspace.matrices.1 : workspace.matrices.0
      layer.apply(
        count, to: input, adding: number == 0 && isSplit ? .both(source, target) : .none,
        times: factor, scale: ends ? batch.weight : nil, scaleStart: start,
        ends ? .add(sum) : .store(.init(next)), kernels: kernels)
      current = next
      input = .init(next)
    }

    let filter = block.filter
    for (number, layer) in filter.enumerated() {
      let isLast = number == filter.count - 1
      switch block.reduction {
      case .filtered: apply(layer, number, times: nil, ends: isLast && sumsFilters)
      case .summed, .summedDirectly: apply(layer, number, times: nil, ends: isLast)
      case .filteredDirectly: apply(layer, number, times: isLast ? value : nil, ends: isLast)
      case .normalized: apply(layer, number, times: nil, ends: false)
      }
    }
    switch block.reduction {
    case .filtered(let last, _) where !sumsFilters:
      apply(last, filter.count, times: value, ends: true)
    case .normalized(let normalized, _):
      normalized.add(
        count, of: current, to: sums, rows: batch.sum, from: start, kernels: kernels)
    default: break
    }
  }
}
