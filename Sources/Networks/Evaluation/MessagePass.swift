// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics

/// Makes the messages of a batch of edges, some rows at a time, and adds them to sums.
///
/// A tile of edges goes through all layers before the next one starts, so that what is between them
/// stays in the cache. Each row is computed by itself and messages to a target are added in the order
/// of the batch: neither tiles nor threads change a bit.
struct MessagePass: @unchecked Sendable {
  let block: CompiledNetwork.Block
  /// Whether `sums` are over filters: in the first block over those of sources of one element, to
  /// which the last layer of the filter is applied later.
  let sumsFilters: Bool
  let kernels: KernelSet
  let features: FloatMatrix
  let tables: NodeTables
  let sums: FloatMatrix
  /// Once requested, tiles are left out, and the sums mean nothing.
  let cancellation: Cancellation

  /// The same, into other sums.
  func with(sums: FloatMatrix) -> MessagePass {
    MessagePass(
      block: block, sumsFilters: sumsFilters, kernels: kernels, features: features, tables: tables,
      sums: sums, cancellation: cancellation)
  }

  /// Adds all messages of `batch`, with a thread for each workspace.
  func run(_ batch: EdgeBatch, _ workspaces: [TileWorkspace]) {
    let parts = batch.parts(workspaces.count)
    guard !parts.isEmpty else { return }
    let longest = batch.longestBundle
    inParallel(parts.count) { worker in
      let part = parts[worker]
      let workspace = workspaces[worker]
      workspace.reserve(rows: longest)
      // Tiles of equal size waste the fewest rows.
      let tiles = (part.count + workspace.rows - 1) / workspace.rows
      let rows = KernelTile.whole(max(longest, (part.count + tiles - 1) / tiles))
      var start = part.lowerBound
      while start < part.upperBound && !cancellation.isRequested {
        let end = batch.endOfTile(from: start, upTo: min(start + rows, part.upperBound))
        add(batch, start, end - start, workspace)
        start = end
      }
    }
  }

  private func add(_ batch: EdgeBatch, _ start: Int, _ count: Int, _ workspace: TileWorkspace) {
    let source = DenseLayer.Rows(tables.source, batch.source, from: start)
    let target = DenseLayer.Rows(tables.target, batch.target, from: start)
    let value = DenseLayer.Rows(tables.value, batch.source, from: start)
    let sum = DenseLayer.Rows(sums, batch.sum, from: start)
    let isSplit = block.source != nil
    var input = DenseLayer.Rows(features, batch.features, from: start)
    var current = workspace.matrices.1

    func apply(
      _ layer: DenseLayer, _ number: Int, times factor: DenseLayer.Rows? = nil,
      addingTo end: DenseLayer.Rows? = nil
    ) {
      let next = current === workspace.matrices.0 ? workspace.matrices.1 : workspace.matrices.0
      layer.apply(
        count, to: input, adding: number == 0 && isSplit ? .both(source, target) : .none,
        times: factor, scale: end == nil ? nil : batch.weight, scaleStart: start,
        end.map { .add($0) } ?? .store(.init(next)), kernels: kernels)
      current = next
      input = .init(next)
    }

    let last = block.filter.count - 1
    for (number, layer) in block.filter.enumerated() {
      switch block.reduction {
      case .filtered(let ofSums) where number == last && !sumsFilters:
        workspace.gatherBundles(batch, start, count)
        apply(layer, number, addingTo: .init(workspace.bundleSums, workspace.bundleOfRow))
        finishBundles(ofSums, batch, start, workspace)
      case .filtered, .summed, .summedDirectly:
        apply(layer, number, addingTo: number == last ? sum : nil)
      case .filteredDirectly:
        apply(
          layer, number, times: number == last ? value : nil,
          addingTo: number == last ? sum : nil)
      case .normalized(let normalized):
        apply(layer, number)
        if number == last {
          normalized.add(
            count, of: current, to: sums, rows: batch.sum, from: start, kernels: kernels)
        }
      }
    }
  }

  /// v_s ⊙ (W S + b Σ α) of each bundle, added to its target.
  private func finishBundles(
    _ layer: DenseLayer, _ batch: EdgeBatch, _ start: Int, _ workspace: TileWorkspace
  ) {
    workspace.countWeights(batch, start)
    layer.apply(
      workspace.bundles, to: .init(workspace.bundleSums),
      times: .init(tables.value, workspace.sourceOfBundle),
      .add(.init(sums, workspace.sumOfBundle)), kernels: kernels)
  }
}
