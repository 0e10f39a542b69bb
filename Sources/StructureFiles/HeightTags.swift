// SPDX-License-Identifier: MIT

import Files
import Structures

/// Tags as OC20 has them, told by height: 2 for the adsorbate, 1 for the highest layer of the slab, 0 for what lies
/// below.
///
/// The slab are the metals, and the adsorbate are the other atoms, which must not lie below its highest layer. A layer consists of atoms that follow each other in steps below 0.5 Å. Heights count along z from the
/// middle of the vacuum on, so that a slab may be wrapped around the cell.
struct HeightTags {
  let tags: [Int]

  private static let nonmetals: Set<String> = [
    "H", "He", "B", "C", "N", "O", "F", "Ne", "Si", "P", "S", "Cl", "Ar", "As", "Se", "Br", "Kr",
    "Te", "I", "Xe",
  ]
  /// Steps in height up to this are within a layer, Å.
  private static let step = 0.5

  /// - Throws: for compounds, and where there is no metal: their adsorbates cannot be told by height.
  init(of structure: Structure) throws(DataError) {
    let heights = HeightTags.heights(of: structure)
    let metals = heights.indices.filter {
      !HeightTags.nonmetals.contains(structure.elements[$0].symbol)
    }
    guard !metals.isEmpty else {
      throw DataError("it has no metal atoms: its slab and adsorbate cannot be told by height")
    }
    let order = metals.sorted { heights[$0] > heights[$1] }
    var top = 1
    while top < order.count, heights[order[top - 1]] - heights[order[top]] < HeightTags.step {
      top += 1
    }
    var tags = [Int](repeating: 2, count: heights.count)
    for atom in metals { tags[atom] = 0 }
    for atom in order[..<top] { tags[atom] = 1 }
    // An adsorbate may sink into a hollow, but not below the layer.
    let ground = heights[order[top - 1]] - HeightTags.step
    if let atom = tags.indices.first(where: { tags[$0] == 2 && heights[$0] < ground }) {
      throw DataError(
        "its atom \(atom + 1) (\(structure.elements[atom])) lies within the slab: of a compound, slab and adsorbate "
          + "cannot be told by height")
    }
    self.tags = tags
  }

  private static func heights(of structure: Structure) -> [Double] {
    let cell = structure.cell
    let plain = structure.positions.map(\.z)
    guard cell.periodicity.c, cell.c.z != 0 else { return plain }
    let period = abs(cell.c.z)
    func wrapped(_ height: Double) -> Double {
      let rest = height.truncatingRemainder(dividingBy: period)
      return rest < 0 ? rest + period : rest
    }
    let sorted = plain.map(wrapped).sorted()
    guard let first = sorted.first, let last = sorted.last else { return plain }
    var (gap, start) = (first + period - last, first)
    for (low, high) in zip(sorted, sorted.dropFirst()) where high - low > gap {
      (gap, start) = (high - low, high)
    }
    return plain.map { wrapped($0 - start + gap / 2) }
  }
}
