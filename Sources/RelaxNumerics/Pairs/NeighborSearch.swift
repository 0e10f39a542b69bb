// SPDX-License-Identifier: MIT

import CKernels

extension NeighborRows {
  /// Sorts points into bins and lists, for each atom, the points near it.
  ///
  /// - Parameters:
  ///   - points: positions in Å, all finite: the atoms, then images.
  ///   - atomCount: how many of them are atoms.
  ///   - reach: largest distance in Å of a listed pair. Distances are taken in single precision
  ///     relative to a point nearby, with a margin, so that no pair within `reach` is missing and
  ///     a pair that is farther by parts per million may be there.
  ///   - kernels: what to search with; the list may differ in pairs beyond the reach.
  /// - Returns: for each row the index of its point.
  /// - Throws: `TooManyNeighbors`; what is here then means nothing.
  /// - Complexity: O(points + pairs) time and memory unless the points are extremely uneven in
  ///   density.
  public mutating func rebuild(
    points: [SIMD4<Double>], atomCount: Int, reach: Double, kernels: KernelSet
  ) throws(TooManyNeighbors) -> [Int32] {
    precondition(atomCount <= points.count && points.count < Int(Int32.max) / 4)
    let grid = BinGrid(points: points, reach: reach)
    let (order, atomStarts, imageStarts) = grid.sort(atomCount: atomCount)
    coordinates.removeAll(keepingCapacity: true)
    coordinates.reserveCapacity(points.count)
    for index in order { coordinates.append(points[Int(index)]) }
    starts = [Int32](repeating: 0, count: atomCount + 1)
    guard atomCount > 0 else {
      neighbors = []
      return order
    }
    // The buffer of the last list, with some room, so that a rebuild seldom allocates.
    extend(to: max(neighbors.count + neighbors.count / 16, 64 * min(atomCount, 1024)))
    var stride = 1024
    var scratch = [Int32](repeating: 0, count: 4 * stride)
    var bin: Int32 = 0
    search: while true {
      let outcome = coordinates.withUnsafeBytes { rows in
        atomStarts.withUnsafeBufferPointer { atomStarts in
          imageStarts.withUnsafeBufferPointer { imageStarts in
            grid.runs.withUnsafeBufferPointer { runs in
              var native = relax_grid()
              native.rows = rows.baseAddress?.assumingMemoryBound(to: Double.self)
              native.atom_starts = atomStarts.baseAddress
              native.image_starts = imageStarts.baseAddress
              native.bins = (Int32(grid.bins.x), Int32(grid.bins.y), Int32(grid.bins.z))
              native.runs = runs.baseAddress
              native.run_count = Int32(runs.count / 3)
              native.limit = grid.limit
              return scratch.withUnsafeMutableBytes { scratch in
                starts.withUnsafeMutableBufferPointer { starts in
                  neighbors.withUnsafeMutableBufferPointer { out in
                    relax_find_neighbors(
                      kernels.rawValue, &native, &bin, scratch.baseAddress, Int32(stride),
                      starts.baseAddress, out.baseAddress, Int64(out.count))
                  }
                }
              }
            }
          }
        }
      }
      switch Int(outcome) {
      case RELAX_NEED_SCRATCH:
        stride *= 2
        scratch = [Int32](repeating: 0, count: 4 * stride)
      case RELAX_NEED_OUTPUT:
        let room = try grown(bin: Int(bin), atomStarts: atomStarts, candidates: stride)
        extend(to: room)
      default: break search
      }
    }
    neighbors.removeLast(neighbors.count - Int(starts[atomCount]))
    return order
  }

  /// Room for the whole list, judged from what has been found so far.
  private func grown(
    bin: Int, atomStarts: [Int32], candidates: Int
  ) throws(TooManyNeighbors) -> Int {
    let done = Int(atomStarts[bin])
    let used = Int(starts[done])
    let needed = used + (Int(atomStarts[bin + 1]) - done) * (candidates + 16)
    let expected = done > 0 ? Int(1.03 * Double(used) / Double(done) * Double(atomCount)) : 0
    let most = TooManyNeighbors.mostPairs(atoms: atomCount)
    guard needed <= most else {
      throw TooManyNeighbors(expected: Double(max(needed, expected)), most: Double(most))
    }
    return min(
      most, max(needed, min(expected, 4 * used), neighbors.count + neighbors.count / 8))
  }

  private mutating func extend(to count: Int) {
    guard count > neighbors.count else { return }
    neighbors.reserveCapacity(count)
    neighbors.append(contentsOf: repeatElement(0, count: count - neighbors.count))
  }
}
