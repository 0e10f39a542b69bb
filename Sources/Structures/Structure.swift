// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Atoms in a cell, with what is known about them: the value that flows through the whole program.
///
/// Every per-atom array has one entry an atom, in the order of the file.
public struct Structure: Hashable, Sendable {
  /// The element of each atom.
  public var elements: [Element]
  /// Positions in Å, not wrapped into the cell.
  public var positions: [Vector3]
  /// The cell and the axes along which it repeats.
  public var cell: Cell
  /// Which atoms may move; nil means that nothing was said and all may.
  public var moveMask: MoveMask?
  /// OC20's tags, if given: 0 sub-surface, 1 surface, 2 adsorbate.
  public var tags: [Int]?
  /// Energy in eV, if known.
  public var energy: Double?
  /// Forces in eV/Å on every atom, fixed ones included, if known.
  public var forces: [Vector3]?
  /// Other per-atom data, in the order of the file.
  public var columns: [Column]
  /// Other entries about the structure, in the order of the file.
  public var attributes: [Attribute]

  /// A structure of `elements` at `positions` (Å) in `cell`.
  public init(
    elements: [Element], positions: [Vector3], cell: Cell = .none, moveMask: MoveMask? = nil,
    tags: [Int]? = nil, energy: Double? = nil, forces: [Vector3]? = nil, columns: [Column] = [],
    attributes: [Attribute] = []
  ) {
    precondition(
      elements.count == positions.count,
      "\(elements.count) elements but \(positions.count) positions")
    self.elements = elements
    self.positions = positions
    self.cell = cell
    self.moveMask = moveMask
    self.tags = tags
    self.energy = energy
    self.forces = forces
    self.columns = columns
    self.attributes = attributes
  }

  /// Number of atoms.
  public var count: Int { elements.count }

  /// In which components each atom may move, one entry an atom.
  public var freedoms: [Freedom] {
    moveMask?.freedoms ?? Array(repeating: .free, count: count)
  }

  /// Indices of the atoms that may move in at least one component.
  public var freeAtoms: [Int] {
    guard let moveMask else { return Array(0..<count) }
    return moveMask.freedoms.indices.filter { moveMask.freedoms[$0] != .fixed }
  }

  /// Largest force on an atom, in the components along which it may move, in eV/Å; nil without forces, NaN if
  /// one of them is not finite.
  public var largestFreeForce: Double? {
    forces.map { forces in
      zip(forces, freedoms).reduce(0) { largest, atom in
        let size = atom.1.masking(atom.0).length
        return size.isFinite && largest.isFinite ? max(largest, size) : .nan
      }
    }
  }

  /// The entry of that name, if there is one.
  public func attribute(_ name: String) -> Attribute? { attributes.first { $0.name == name } }

  /// Whether its cell was probably lost on the way: it has several atoms and no cell at all, or one that
  /// repeats along no axis though it has as many atoms as a slab has.
  public var looksLikeSlabWithoutCell: Bool {
    !cell.periodicity.any && (count >= 16 || count > 1 && !cell.hasVectors)
  }

  /// Chemical formula in the order of Hill (carbon, hydrogen, then alphabetical).
  public var formula: String {
    var counts: [String: Int] = [:]
    for element in elements { counts[element.symbol, default: 0] += 1 }
    var order = counts.keys.sorted()
    if counts["C"] != nil {
      order = ["C", "H"].filter { counts[$0] != nil } + order.filter { $0 != "C" && $0 != "H" }
    }
    return order.map { symbol in
      let number = counts[symbol] ?? 0
      return number == 1 ? symbol : "\(symbol)\(number)"
    }.joined()
  }

  /// The same structure without results that belong to another geometry or method: energy, forces
  /// and the entries and columns in `resultNames`.
  public func withoutResults() -> Structure {
    var bare = self
    bare.energy = nil
    bare.forces = nil
    bare.columns.removeAll { Structure.resultNames.contains($0.name) }
    bare.attributes.removeAll { Structure.resultNames.contains($0.name) }
    return bare
  }

  /// The same structure for atoms that moved: without results, and with labels of another method's
  /// (`REF_energy`, `REF_forces` and the like) renamed to `initial_…`, since they are those of the
  /// initial geometry.
  public func withoutStaleResults() -> Structure {
    var moved = withoutResults()
    var names = Set(columns.map(\.name) + attributes.map(\.name))
    func renamed(_ name: String) -> String {
      guard name.lowercased().hasPrefix("ref_") else { return name }
      var result = "initial_" + name
      while !names.insert(result).inserted { result = "initial_" + result }
      return result
    }
    for index in moved.columns.indices {
      moved.columns[index].name = renamed(moved.columns[index].name)
    }
    for index in moved.attributes.indices {
      moved.attributes[index].name = renamed(moved.attributes[index].name)
    }
    return moved
  }

  /// Names of calculator results and of what is said about them, which a new geometry makes obsolete.
  public static let resultNames: Set<String> = [
    "energy", "forces", "free_energy", "stress", "virial", "stresses", "energies", "virials",
    "magmom", "magmoms", "charges", "dipole", "dipoles", "dielectric_tensor", "polarizability",
    "born_effective_charges", "polarization", "forces_on", "scf_converged",
  ]
}
