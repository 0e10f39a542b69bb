// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// Looks at structures before they are relaxed, for what would make a relaxation fail or mean little.
///
/// Every structure is looked at on its own, but for repeated ids; nothing is evaluated.
public struct StructureCheck {
  /// What was found about one structure.
  public struct Finding: Hashable, Sendable {
    /// How bad it is.
    public enum Severity: String, Hashable, Sendable {
      /// It cannot be relaxed.
      case error
      /// It can, but probably not to what was meant.
      case warning
    }

    /// What kind of thing it is.
    public enum Kind: String, Hashable, Sendable, CaseIterable {
      /// No atoms, positions that are no numbers, a cell without a volume, atoms on top of each other.
      case unusable
      /// The provider knows nothing of an element.
      case unknownElement = "unknown-element"
      /// Atoms nearer than bonds are.
      case closeContact = "close-contact"
      /// An atom far from all others.
      case isolatedAtom = "isolated-atom"
      /// Lengths, or forces, that look like those of another unit.
      case units
      /// No cell, or one that repeats along no axis, which is a cluster.
      case cell
      /// A slab near its own image, a gap along a periodic axis, an open axis without a gap.
      case vacuum
      /// Nothing says which atoms may move, or none is held.
      case mask
      /// No atom may move.
      case nothingFree = "nothing-free"
      /// Nothing says which atoms are the adsorbate, or tags and mask contradict each other.
      case tags
      /// Two structures have one id.
      case repeatedId = "repeated-id"
    }

    /// Id of the structure.
    public var id: String
    /// How bad it is.
    public var severity: Severity
    /// What kind of thing it is.
    public var kind: Kind
    /// What was found.
    public var message: String
    /// What to do about it.
    public var hint: String
  }

  /// Bonds are not shorter than this share of the sum of covalent radii.
  static let shortest = 0.6
  /// Å beyond which a gap between atoms along a cell vector is vacuum.
  static let gap = 6.0
  /// Å of vacuum that a slab should have.
  static let enough = 8.0
  /// eV/Å that no force near a bond comes to.
  static let hugeForce = 1000.0

  /// Whose elements are known; nil if it does not matter.
  public let provider: (any ForceProvider)?
  private var seen: [String: Int] = [:]
  private var count = 0

  /// A check of structures that `provider` is to relax.
  public init(provider: (any ForceProvider)? = nil) { self.provider = provider }

  /// What there is to say about the next structure, errors first.
  ///
  /// - Complexity: O(atoms).
  public mutating func findings(on structure: Structure, id: String) -> [Finding] {
    count += 1
    var found: [Finding] = []
    func add(_ severity: Finding.Severity, _ kind: Finding.Kind, _ message: String, _ hint: String)
    {
      found.append(
        Finding(id: id, severity: severity, kind: kind, message: message, hint: hint))
    }
    // Frames of one trajectory share their id.
    let key = id + (structure.attribute("fid").map { "\u{0}" + $0.unquoted } ?? "")
    if let first = seen[key] {
      add(
        .warning, .repeatedId, "frame \(first) has the same id",
        "give every structure a `sid` of its own; scores match structures by it")
    } else {
      seen[key] = count
    }
    if let defect = Preflight.defect(of: structure) {
      add(.error, .unusable, defect, unitsHint(structure) ?? "mend or leave out the structure")
      return found
    }
    if let provider {
      do { try provider.requireKnownElements(of: structure) } catch {
        add(.error, .unknownElement, "\(error)", "use a provider that knows them")
      }
    }
    for (kind, message, hint) in distances(structure) + vacuum(structure) + masks(structure)
      + tags(structure)
      + forces(structure)
    {
      add(.warning, kind, message, hint)
    }
    return found
  }

  /// What there is to say about a frame that could not be read.
  public mutating func finding(unreadable id: String, reason: String) -> Finding {
    count += 1
    return Finding(
      id: id, severity: .error, kind: .unusable, message: reason,
      hint: "mend or leave out the structure")
  }

  private typealias Remark = (Finding.Kind, String, String)

  // MARK: - Distances

  private func distances(_ structure: Structure) -> [Remark] {
    guard let table = try? ContactTable(structure) else {
      return [
        (.units, "atoms lie far too densely", "are lengths in nm? relax takes Å: multiply by 10")
      ]
    }
    let radii = structure.elements.map(\.covalentRadius)
    var nearest = [Double](repeating: .infinity, count: structure.count)
    var closest: (contact: ContactTable.Contact, ratio: Double)?
    for contact in table.contacts {
      let ratio = contact.distance / (radii[contact.first] + radii[contact.second])
      nearest[contact.first] = min(nearest[contact.first], ratio)
      nearest[contact.second] = min(nearest[contact.second], ratio)
      if ratio < closest?.ratio ?? StructureCheck.shortest { closest = (contact, ratio) }
    }
    var remarks: [Remark] = []
    let median = nearest.sorted()[nearest.count / 2]
    if structure.count > 3, median > 1.5 {
      return [
        (
          .units, "half of the atoms are bonded to nothing",
          "are lengths in Bohr? relax takes Å: multiply by 0.529177"
        )
      ]
    }
    if let closest {
      let (first, second) = (closest.contact.first, closest.contact.second)
      remarks.append(
        (
          .closeContact,
          "atoms \(first + 1) (\(structure.elements[first])) and \(second + 1) "
            + "(\(structure.elements[second])) are \(short(closest.contact.distance)) Å apart",
          "look at the structure; the first steps will be violent"
        ))
    }
    let lonely = nearest.indices.filter { nearest[$0] == .infinity }
    if let atom = lonely.first, structure.count > 1 {
      let others = lonely.count > 1 ? " and \(lonely.count - 1) more are" : " is"
      remarks.append(
        (
          .isolatedAtom,
          "atom \(atom + 1) (\(structure.elements[atom]))\(others) bonded to nothing",
          "is the adsorbate where it should be, and the cell the right one?"
        ))
    }
    return remarks
  }

  /// What an overlap may come from.
  private func unitsHint(_ structure: Structure) -> String? {
    guard structure.count > 1, PositionBounds.contain(structure.positions),
      structure.cell.defect == nil
    else { return nil }
    var scaled = structure
    scaled.positions = structure.positions.map { 10 * $0 }
    scaled.cell = Cell(
      10 * structure.cell.a, 10 * structure.cell.b, 10 * structure.cell.c,
      periodicity: structure.cell.periodicity)
    return Preflight.defect(of: scaled) == nil
      ? "are lengths in nm? relax takes Å: multiply by 10" : nil
  }

  // MARK: - Vacuum

  private func vacuum(_ structure: Structure) -> [Remark] {
    if structure.looksLikeSlabWithoutCell {
      return [
        (
          .cell,
          (structure.cell.hasVectors ? "" : "there is no cell: ")
            + "it repeats along no axis, and is relaxed as a cluster",
          "if it is a slab, its cell was lost: add Lattice=\"ax ay az bx by bz cx cy cz\" and "
            + "pbc=\"T T T\" to the comment line, or give --cell and --pbc"
        )
      ]
    }
    let cell = structure.cell
    let vectors = [cell.a, cell.b, cell.c]
    let volume = abs(cell.a.dot(cell.b.cross(cell.c)))
    guard volume > 0, structure.count > 1 else { return [] }
    var remarks: [Remark] = []
    var open: [(axis: Int, gap: Double)] = []
    for axis in 0..<3 {
      let area = vectors[(axis + 1) % 3].cross(vectors[(axis + 2) % 3]).length
      let gap = largestGap(structure, axis) * volume / area
      if gap > StructureCheck.gap { open.append((axis, gap)) }
      if !cell.periodicity[axis], gap < StructureCheck.gap / 2 {
        remarks.append(
          (
            .vacuum, "the cell does not repeat along \(name(axis)), but atoms fill it",
            "should pbc be T there? Surfaces would be cut off"
          ))
      }
    }
    let periodic = open.filter { cell.periodicity[$0.axis] }
    if periodic.count == 1, let slab = periodic.first, slab.gap < StructureCheck.enough {
      remarks.append(
        (
          .vacuum, "the slab is \(short(slab.gap)) Å from its image along \(name(slab.axis))",
          "\(short(StructureCheck.enough)) Å or more keep them from feeling each other"
        ))
    }
    if periodic.count == 2 || periodic.count == 3 && structure.tags != nil {
      let names = periodic.map { "\(name($0.axis)) (\(short($0.gap)) Å)" }
      remarks.append(
        (
          .vacuum, "there is vacuum along \(names.joined(separator: " and "))",
          "a slab repeats along two axes without a gap: is the cell the right one?"
        ))
    }
    return remarks
  }

  /// The largest gap between atoms along an axis, as a share of the cell.
  private func largestGap(_ structure: Structure, _ axis: Int) -> Double {
    let places = structure.positions.map { position in
      let place = structure.cell.fractional(position)[axis]
      return place - place.rounded(.down)
    }.sorted()
    guard let first = places.first, let last = places.last else { return 0 }
    let inner = zip(places, places.dropFirst()).reduce(0) { max($0, $1.1 - $1.0) }
    return max(inner, first + 1 - last)
  }

  private func name(_ axis: Int) -> String { ["a", "b", "c"][axis] }

  // MARK: - Masks, tags, forces

  private func masks(_ structure: Structure) -> [Remark] {
    guard structure.moveMask != nil else {
      return [
        (
          .mask,
          "nothing says which atoms may move: all will"
            + (structure.columns.first { MoveMask.isNearName($0.name) }
              .map { "; the column `\($0.name)` is not read as a mask" } ?? ""),
          "add a column move_mask:L:1 (T = free), or give --fix 'z<5' or --fix tags=0; bottom layers are usually held"
        )
      ]
    }
    let free = structure.freeAtoms.count
    if free == 0 {
      return [
        (.nothingFree, "no atom may move", "the structure would be evaluated once and no more")
      ]
    }
    if free == structure.count && structure.tags?.contains(2) == true {
      return [(.mask, "no atom is held", "the bottom layers of a slab are usually held")]
    }
    return []
  }

  private func tags(_ structure: Structure) -> [Remark] {
    guard let tags = structure.tags else {
      return [
        (
          .tags, "nothing says which atoms are the adsorbate",
          "add a column tags:I:1 (0 below the surface, 1 surface, 2 adsorbate), or give --tag-by-height; anomalies "
            + "and scores of adsorbates need them"
        )
      ]
    }
    if let tag = tags.max(), tag > 2 {
      return [
        (
          .tags, "there are tags up to \(tag), which are not OC20's",
          "ASE counts layers so, from 1 at the top; --tag-by-height makes OC20's (0 below the surface, 1 surface, 2 "
            + "adsorbate), by which scores and --fix tags=0 go"
        )
      ]
    }
    let freedoms = structure.freedoms
    if let atom = tags.indices.first(where: { tags[$0] == 2 && freedoms[$0] == .fixed }) {
      return [
        (.tags, "atom \(atom + 1) is tagged as adsorbate and held", "adsorbates usually move")
      ]
    }
    if !tags.contains(2) {
      return [(.tags, "no atom is tagged as adsorbate (2)", "is this a clean slab?")]
    }
    return []
  }

  private func forces(_ structure: Structure) -> [Remark] {
    let forces = structure.forces ?? []
    if let atom = forces.firstIndex(where: { !$0.isFinite }) {
      return [
        (
          .units, "the force on atom \(atom + 1) in the file is not finite",
          "leave the frame out where forces are compared or learned from"
        )
      ]
    }
    let largest = forces.map(\.length).max() ?? 0
    guard largest > StructureCheck.hugeForce else { return [] }
    return [
      (
        .units, "the largest force in the file is \(short(largest)) eV/Å",
        "are forces in another unit? Labels must be in eV/Å"
      )
    ]
  }
}
