// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Memory of one thread for a tile of edges.
///
/// Edges from images of one source to one target make a bundle: their messages have one factor v_s, so
/// their filters are summed before the last layer, which is linear. In cells narrower than twice the
/// cutoff that leaves out up to half of its products. Bundles are never cut by the end of a tile.
final class TileWorkspace: @unchecked Sendable {
  /// Between layers, by turns.
  private(set) var matrices: (FloatMatrix, FloatMatrix)
  /// S = Σ α A of each bundle, and Σ α in one more column.
  let bundleSums: FloatMatrix
  /// Bundle of each edge of the tile.
  let bundleOfRow = AlignedBuffer<Int32>()
  /// Row in tables of atoms of each bundle's source.
  let sourceOfBundle = AlignedBuffer<Int32>()
  /// Row of the sum that each bundle is added to.
  let sumOfBundle = AlignedBuffer<Int32>()
  /// Bundles in the tile.
  private(set) var bundles = 0
  /// Edges of a tile at most.
  private(set) var rows: Int
  private let width: Int

  /// For layers of `width` columns.
  init(width: Int) {
    self.width = width
    rows = KernelTile.rows(bytesPerRow: 2 * width * MemoryLayout<Float>.size)
    matrices = (
      FloatMatrix(rows: rows, columns: width), FloatMatrix(rows: rows, columns: width)
    )
    bundleSums = FloatMatrix(rows: rows, columns: width + 1)
    resizeLists()
  }

  /// Makes room for tiles of `wanted` edges.
  func reserve(rows wanted: Int) {
    guard wanted > rows else { return }
    rows = KernelTile.whole(wanted)
    matrices.0.resize(rows: rows)
    matrices.1.resize(rows: rows)
    bundleSums.resize(rows: rows)
    resizeLists()
  }

  private func resizeLists() {
    for list in [bundleOfRow, sourceOfBundle, sumOfBundle] { list.resize(rows) }
  }

  /// Numbers the bundles of a tile and clears their sums.
  func gatherBundles(_ batch: EdgeBatch, _ start: Int, _ count: Int) {
    bundles = 0
    for row in 0..<count {
      if row == 0 || batch.beginsBundle(start + row) {
        sourceOfBundle[bundles] = batch.source[start + row]
        sumOfBundle[bundles] = batch.sum[start + row]
        bundleSums.clear(row: bundles)
        bundles += 1
      }
      bundleOfRow[row] = Int32(bundles - 1)
    }
    edges = count
  }

  private var edges = 0

  /// Puts Σ α of each bundle into its last column.
  func countWeights(_ batch: EdgeBatch, _ start: Int) {
    // Kernels write whole vectors, so what is in the column now means nothing.
    for bundle in 0..<bundles { bundleSums[bundle, width] = 0 }
    for row in 0..<edges { bundleSums[Int(bundleOfRow[row]), width] += batch.weight[start + row] }
  }
}
