// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Which atoms of a structure are bonded, by their distances and covalent radii.
///
/// Atoms i and j are bonded at a multiplier m if some periodic images of them are closer than
/// m (rᵢ + rⱼ) + 0.6 Å: ASE's natural cutoffs with the default skin of its neighbour list, which is
/// what the public anomaly detector of OC20 uses.
public struct ContactTable: Sendable {
  /// A pair and its smallest distance in Å; i ≤ j, equal for an atom and its own images.
  public struct Contact: Hashable, Sendable {
    /// i, from 0.
    public var first: Int
    /// j, from 0.
    public var second: Int
    /// Their distance in Å.
    public var distance: Double
    /// The smallest multiplier at which they are not bonded.
    public var multiplier: Double
  }

  /// Added to the radii of two atoms, in Å.
  public static let skin = 0.6
  /// The largest multiplier that can be asked for.
  public static let largestMultiplier = 1.5

  /// All pairs bonded at the largest multiplier, ascending.
  public let contacts: [Contact]

  /// Contacts of `structure`, whose positions must be within `PositionBounds`.
  ///
  /// - Throws: `TooManyNeighbors`, where atoms are heaped upon one place.
  /// - Complexity: O(atoms).
  public init(_ structure: Structure) throws(TooManyNeighbors) {
    let radii = structure.elements.map(\.covalentRadius)
    let reach =
      2 * ContactTable.largestMultiplier * (radii.max() ?? 0) + ContactTable.skin
    var list = VerletList(cutoff: reach, skin: 0)
    try list.update(positions: structure.positions, cell: structure.cell)
    var found: [(key: Int, contact: Contact)] = []
    for row in 0..<structure.count {
      let atom = Int(list.owners[row])
      for slot in list.rows.starts[row]..<list.rows.starts[row + 1] {
        let other = Int(list.rows.neighbors[Int(slot)])
        let partner = Int(list.owners[other])
        // The list has every pair from both sides.
        guard atom <= partner else { continue }
        let difference = list.rows.coordinates[other] - list.rows.coordinates[row]
        let distance = (difference * difference).sum().squareRoot()
        let multiplier = (distance - ContactTable.skin) / (radii[atom] + radii[partner])
        guard multiplier < ContactTable.largestMultiplier else { continue }
        found.append(
          (
            atom * structure.count + partner,
            Contact(first: atom, second: partner, distance: distance, multiplier: multiplier)
          ))
      }
    }
    found.sort { ($0.key, $0.contact.multiplier) < ($1.key, $1.contact.multiplier) }
    // Of several images the nearest comes first.
    contacts = found.indices.filter { $0 == 0 || found[$0].key != found[$0 - 1].key }
      .map { found[$0].contact }
  }

  /// Pairs bonded at `multiplier` that `isTaken` takes, ascending.
  public func bonds(
    _ multiplier: Double, where isTaken: (_ first: Int, _ second: Int) -> Bool
  ) -> [[Int]] {
    precondition(multiplier <= ContactTable.largestMultiplier)
    return contacts.filter { $0.multiplier < multiplier && isTaken($0.first, $0.second) }
      .map { [$0.first, $0.second] }
  }
}
