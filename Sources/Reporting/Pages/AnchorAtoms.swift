// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// The atoms that a picture is about: the adsorbate, or what comes nearest to one.
struct AnchorAtoms {
  /// Their indices; none in a crystal, or where nothing repeats.
  let atoms: [Int]
  private let elements: [Element]

  /// Atoms tagged as adsorbate; else the topmost of the free atoms, if some are held; else the topmost atoms.
  init(_ structure: Structure, at positions: [Vector3], axes: PictureAxes) {
    elements = structure.elements
    guard structure.cell.periodicity.any else {
      atoms = []
      return
    }
    let tagged = (structure.tags ?? []).indices.filter { structure.tags?[$0] == 2 }
    guard tagged.isEmpty else {
      atoms = tagged
      return
    }
    let free = structure.freeAtoms
    guard axes.hasSurface else {
      // In a crystal a few free atoms are a defect; of many or none nothing is the middle.
      atoms = free.count * 2 <= structure.count ? free : []
      return
    }
    let candidates = free.isEmpty ? Array(positions.indices) : free
    let heights = candidates.map { atom in
      let offset = axes.offset(of: positions[atom], around: nil)
      let shown =
        positions[atom] + axes.cell.cartesian(Vector3(SIMD3<Double>(offset)))
      return shown.dot(axes.up)
    }
    let top = heights.max() ?? 0
    atoms = zip(candidates, heights).filter { $0.1 > top - AnchorAtoms.layer }.map(\.0)
  }

  /// Atoms so far below the highest (Å) count as topmost.
  private static let layer = 1.3
  /// Two atoms are of one molecule if they are closer than this times the sum of their radii.
  private static let bond = 1.3
  /// Of more atoms than this no molecules are looked for.
  private static let most = 500

  /// By how many lattice vectors each of all atoms is to be shown away from its position (Å).
  func offsets(of positions: [Vector3], axes: PictureAxes) -> [SIMD3<Int>] {
    let cell = axes.cell
    guard cell.periodicity.any else { return positions.map { _ in .zero } }
    func shift(_ offset: SIMD3<Int>) -> Vector3 { cell.cartesian(Vector3(SIMD3<Double>(offset))) }
    var own: [Int: SIMD3<Int>] = [:]
    var centre: Vector3?
    if !atoms.isEmpty {
      var sum = Vector3.zero
      for molecule in molecules(positions, cell) {
        let middle =
          molecule.reduce(Vector3.zero) { $0 + positions[$1.atom] + shift($1.offset) }
          / Double(molecule.count)
        // The first molecule goes where its middle is in the cell, the others near to it.
        let whole = axes.offset(of: middle, around: centre)
        if centre == nil { centre = middle + shift(whole) }
        for (atom, offset) in molecule {
          own[atom] = offset &+ whole
          sum += positions[atom] + shift(offset &+ whole)
        }
      }
      centre = sum / Double(atoms.count)
    }
    return positions.enumerated().map { atom, position in
      own[atom] ?? axes.offset(of: position, around: centre)
    }
  }

  /// The anchor's atoms by molecule, with offsets that put bonded atoms side by side.
  private func molecules(
    _ positions: [Vector3], _ cell: Cell
  ) -> [[(atom: Int, offset: SIMD3<Int>)]] {
    guard atoms.count <= AnchorAtoms.most else { return atoms.map { [($0, .zero)] } }
    var left = atoms
    var molecules: [[(atom: Int, offset: SIMD3<Int>)]] = []
    while let seed = left.first {
      left.removeFirst()
      var molecule = [(atom: seed, offset: SIMD3<Int>.zero)]
      var next = 0
      while next < molecule.count {
        let (atom, offset) = molecule[next]
        next += 1
        left.removeAll { other in
          let difference = positions[other] - positions[atom]
          let nearest = cell.nearestImage(of: difference)
          let reach = elements[atom].covalentRadius + elements[other].covalentRadius
          guard nearest.length < AnchorAtoms.bond * reach else { return false }
          let images = cell.fractional(nearest - difference)
          molecule.append(
            (other, offset &+ SIMD3<Int>(images, rounding: .toNearestOrAwayFromZero)))
          return true
        }
      }
      molecules.append(molecule)
    }
    return molecules
  }
}
