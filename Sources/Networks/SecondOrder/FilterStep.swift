// SPDX-License-Identifier: MIT

import RelaxNumerics

/// SchNet's messages in training: y_t = Σ x_s ⊙ W(d) over the edges to t, W being mixed from the rows of a
/// table of knots, which are what is differentiated by.
final class FilterStep: TwiceDifferentiable {
  private let table: KnotTable.Filter
  private let places: KnotTable.Places
  private let batch: EnergyBatch
  private let x: Signal
  let y: Signal

  init(
    _ table: KnotTable.Filter, _ places: KnotTable.Places, _ batch: EnergyBatch, _ x: Signal,
    _ sweep: Sweep
  ) {
    (self.table, self.places, self.batch, self.x) = (table, places, batch, x)
    y = Signal(sweep.cleared(batch.atoms, x.columns))
    eachTile(sweep) { tile in
      mix(places.values, tile, into: tile.values, sweep)
      sweep.combine(
        tile.count, source(x.value, tile), .init(tile.values), columns: x.columns,
        .add(target(y.value, tile)))
    }
  }

  func reverse(_ sweep: Sweep) {
    guard let slope = y.slope else { return }
    let sums = sweep.sums(\.slope, of: x)
    eachTile(sweep) { tile in
      mix(places.values, tile, into: tile.values, sweep)
      sweep.combine(
        tile.count, target(slope, tile), .init(tile.values), columns: x.columns,
        .add(source(sums, tile)))
      mix(places.slopes, tile, into: tile.slopes, sweep)
      sweep.combine(
        tile.count, target(slope, tile), source(x.value, tile), columns: x.columns,
        .store(.init(tile.values)))
      DenseLayer.Rows(tile.values).addProducts(
        with: .init(tile.slopes), to: tile.range, of: batch.distanceSlopes,
        kernels: sweep.kernels)
    }
  }

  func tangent(_ sweep: Sweep) {
    let tangent = sweep.cleared(y.rows, y.columns)
    y.tangent = tangent
    eachTile(sweep) { tile in
      mix(places.slopes, tile, into: tile.slopes, sweep)
      sweep.combine(
        tile.count, source(x.value, tile), .init(tile.slopes), scale: batch.distanceTangents,
        from: tile.first, columns: x.columns, .add(target(tangent, tile)))
      guard let along = x.tangent else { return }
      mix(places.values, tile, into: tile.values, sweep)
      sweep.combine(
        tile.count, source(along, tile), .init(tile.values), columns: x.columns,
        .add(target(tangent, tile)))
    }
  }

  func reverseTangent(_ sweep: Sweep) {
    guard let slope = y.slope, let slopeTangent = y.slopeTangent else { return }
    let sums = sweep.sums(\.slopeTangent, of: x)
    let gradient = sweep.gradients[table.gradient]
    eachTile(sweep) { tile in
      mix(places.values, tile, into: tile.values, sweep)
      sweep.combine(
        tile.count, target(slopeTangent, tile), .init(tile.values), columns: x.columns,
        .add(source(sums, tile)))
      mix(places.slopes, tile, into: tile.slopes, sweep)
      sweep.combine(
        tile.count, target(slope, tile), .init(tile.slopes), scale: batch.distanceTangents,
        from: tile.first, columns: x.columns, .add(source(sums, tile)))
      // By W, and by W′ times the distance's tangent.
      sweep.combine(
        tile.count, target(slopeTangent, tile), source(x.value, tile), columns: x.columns,
        .store(.init(tile.values)))
      if let along = x.tangent {
        sweep.combine(
          tile.count, target(slope, tile), source(along, tile), columns: x.columns,
          .add(.init(tile.values)))
      }
      places.mixture(places.values, of: gradient, tile.first).addBack(
        tile.count, of: tile.values, kernels: sweep.kernels)
      sweep.combine(
        tile.count, target(slope, tile), source(x.value, tile), scale: batch.distanceTangents,
        from: tile.first, columns: x.columns, .store(.init(tile.values)))
      places.mixture(places.slopes, of: gradient, tile.first).addBack(
        tile.count, of: tile.values, kernels: sweep.kernels)
    }
  }

  // MARK: - Tiles

  private struct Tile {
    let first: Int
    let count: Int
    let values: FloatMatrix
    let slopes: FloatMatrix
    var range: Range<Int> { first..<first + count }
  }

  /// Some edges at a time, so that what is computed of them stays in the cache.
  private func eachTile(_ sweep: Sweep, _ body: (Tile) -> Void) {
    let rows = KernelTile.rows(bytesPerRow: 4 * x.columns * MemoryLayout<Float>.size)
    let (values, slopes) = (sweep.matrix(rows, x.columns), sweep.matrix(rows, x.columns))
    for first in stride(from: 0, to: batch.edges, by: rows) {
      body(
        Tile(
          first: first, count: min(rows, batch.edges - first), values: values, slopes: slopes))
    }
  }

  private func mix(
    _ weights: FloatMatrix, _ tile: Tile, into out: FloatMatrix, _ sweep: Sweep
  ) {
    places.mixture(weights, of: table.knots, tile.first).mix(
      tile.count, into: out, kernels: sweep.kernels)
  }

  private func source(_ matrix: FloatMatrix, _ tile: Tile) -> DenseLayer.Rows {
    .init(matrix, batch.source, from: tile.first)
  }

  private func target(_ matrix: FloatMatrix, _ tile: Tile) -> DenseLayer.Rows {
    .init(matrix, batch.target, from: tile.first)
  }
}
