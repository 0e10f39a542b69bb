// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

extension NeighborGraph {
  /// The graph of `geometry` as a network sees it.
  ///
  /// - Throws: `ForceError.tooManyPairs`.
  init(
    ofNetwork geometry: Geometry, cutoff: Double, maximumNeighbors: Int, kernels: KernelSet
  ) throws(ForceError) {
    do throws(TooManyNeighbors) {
      try self.init(
        positions: geometry.positions, cell: geometry.cell, cutoff: cutoff,
        maximumNeighbors: maximumNeighbors, kernels: kernels)
    } catch {
      throw .tooManyPairs(
        expected: error.expected, most: error.most, cutoff: cutoff, provider: "the network")
    }
  }
}
