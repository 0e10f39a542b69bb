// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// What ASE keeps of one structure, under its names: a row of a database, or a frame of a trajectory.
struct ASERow {
  /// Where a name stands, since some mean different things in different places.
  enum Section {
    /// In a row of a database.
    case row
    /// In a frame of a trajectory.
    case frame
    /// In the calculator of a frame.
    case calculator
  }

  var numbers: [Double]?
  var positions: [Double]?
  var cell: [Double]?
  var periodicity: [Double]?
  var tags: [Double]?
  var masses: [Double]?
  var momenta: [Double]?
  var initialMagneticMoments: [Double]?
  var initialCharges: [Double]?
  var constraints: [JSONText] = []
  var energy: Double?
  var freeEnergy: Double?
  var forces: [Double]?
  var stress: [Double]?
  var dipole: [Double]?
  var magneticMoments: [Double]?
  var magneticMoment: Double?
  var charges: [Double]?
  /// Key-value pairs of a database, `info` of a trajectory.
  var info: [JSONText.Member] = []

  /// Reads the value that comes next, of the name `key`.
  mutating func take(
    _ key: String, in section: Section, _ cursor: inout JSONCursor, _ arrays: ULMArrays? = nil
  ) throws(JSONError) {
    let isFrame = section == .frame
    switch key {
    case "numbers": numbers = try cursor.aseNumbers(arrays)
    case "positions": positions = try cursor.aseNumbers(arrays)
    case "cell": cell = try cursor.aseNumbers(arrays)
    case "pbc": periodicity = try cursor.aseNumbers(arrays)
    case "tags": tags = try cursor.aseNumbers(arrays)
    case "masses": masses = try cursor.aseNumbers(arrays)
    case "momenta": momenta = try cursor.aseNumbers(arrays)
    case "initial_magmoms": initialMagneticMoments = try cursor.aseNumbers(arrays)
    case "initial_charges": initialCharges = try cursor.aseNumbers(arrays)
    case "magmoms" where isFrame: initialMagneticMoments = try cursor.aseNumbers(arrays)
    case "charges" where isFrame: initialCharges = try cursor.aseNumbers(arrays)
    case "magmoms": magneticMoments = try cursor.aseNumbers(arrays)
    case "charges": charges = try cursor.aseNumbers(arrays)
    case "constraints": constraints = try ASERow.constraints(&cursor)
    case "energy": energy = try cursor.aseNumbers(arrays)?.first
    case "free_energy": freeEnergy = try cursor.aseNumbers(arrays)?.first
    case "forces": forces = try cursor.aseNumbers(arrays)
    case "stress": stress = try cursor.aseNumbers(arrays)
    case "dipole": dipole = try cursor.aseNumbers(arrays)
    case "magmom": magneticMoment = try cursor.aseNumbers(arrays)?.first
    case "info" where isFrame, "key_value_pairs" where section == .row:
      if case .object(let members) = try cursor.value() { info = members }
    default: try cursor.skip()
    }
  }

  /// A list of constraints, or a text that holds one.
  private static func constraints(_ cursor: inout JSONCursor) throws(JSONError) -> [JSONText] {
    var value = try cursor.value()
    if case .string(let text) = value { value = try JSONText(parsing: text) }
    if case .array(let list) = value { return list }
    guard value == .null else { throw cursor.defect("constraints are no list") }
    return []
  }

  // MARK: - As a structure

  /// The structure that the row describes.
  ///
  /// - Throws: kind `content`, naming what is missing, of a wrong length or cannot be kept.
  func structure() throws(DataError) -> Structure {
    let elements = try elements()
    let count = elements.count
    let positions = try ASERow.vectors(self.positions, count, "positions")
    guard let positions else { throw ASERow.unusable("it has no positions") }
    if let bad = positions.firstIndex(where: { !$0.isFinite }) {
      throw ASERow.unusable("the position of atom \(bad + 1) is not finite")
    }
    let cell = try usableCell()
    var structure = Structure(elements: elements, positions: positions, cell: cell)
    if let tags {
      try ASERow.require(tags.count == count, "tags", tags.count, count)
      structure.tags = try tags.map { (tag) throws(DataError) in
        guard let tag = Int(exactly: tag) else {
          throw ASERow.unusable("the tag \(tag) is not whole")
        }
        return tag
      }
    }
    structure.moveMask = try ASEConstraints.mask(constraints, count: count, cell: cell)
    structure.energy = energy
    structure.forces = try ASERow.vectors(forces, count, "forces")
    for (name, values) in [
      ("masses", masses), ("momenta", momenta), ("initial_magmoms", initialMagneticMoments),
      ("initial_charges", initialCharges), ("magmoms", magneticMoments), ("charges", charges),
    ] {
      guard let values, !values.isEmpty else { continue }
      try ASERow.require(
        values.count == count || values.count == 3 * count, name, values.count, count)
      structure.columns.append(
        Column(name: name, width: values.count / count, values: .reals(values)))
    }
    structure.attributes = try attributes()
    return structure
  }

  private func elements() throws(DataError) -> [Element] {
    guard let numbers, !numbers.isEmpty else { throw ASERow.unusable("it has no atoms") }
    var elements: [Element] = []
    elements.reserveCapacity(numbers.count)
    for (atom, number) in numbers.enumerated() {
      guard let number = Int(exactly: number), let element = Element(atomicNumber: number) else {
        throw ASERow.unusable("the atomic number \(number) of atom \(atom + 1) is no element's")
      }
      elements.append(element)
    }
    return elements
  }

  private func usableCell() throws(DataError) -> Cell {
    let flags = periodicity ?? [0, 0, 0]
    guard flags.count == 3 || flags.count == 1 else {
      throw ASERow.unusable("pbc has \(flags.count) values; expected three")
    }
    let axes = (0..<3).map { flags[flags.count == 1 ? 0 : $0] != 0 }
    var v = cell ?? Array(repeating: 0, count: 9)
    // The lengths of a rectangular cell, as ASE takes them too.
    if v.count == 3 { v = [v[0], 0, 0, 0, v[1], 0, 0, 0, v[2]] }
    guard v.count == 9 else {
      throw ASERow.unusable("the cell has \(v.count) numbers; expected nine")
    }
    let cell = Cell(
      Vector3(v[0], v[1], v[2]), Vector3(v[3], v[4], v[5]), Vector3(v[6], v[7], v[8]),
      periodicity: Periodicity(axes[0], axes[1], axes[2]))
    if let defect = cell.defect { throw ASERow.unusable("the cell is unusable: \(defect)") }
    return cell
  }

  private func attributes() throws(DataError) -> [Attribute] {
    var attributes: [Attribute] = []
    if let freeEnergy { attributes.append(Attribute(name: "free_energy", numbers: [freeEnergy])) }
    if let stress {
      let full = stress.count == 6 ? ASERow.voigt.map { stress[$0] } : stress
      guard full.count == 9 else {
        throw ASERow.unusable("the stress has \(stress.count) numbers; expected six or nine")
      }
      attributes.append(Attribute(name: "stress", numbers: full))
    }
    if let dipole { attributes.append(Attribute(name: "dipole", numbers: dipole)) }
    if let magneticMoment {
      attributes.append(Attribute(name: "magmom", numbers: [magneticMoment]))
    }
    var names = Set(attributes.map(\.name)).union(ASERow.taken)
    for member in info {
      var name = member.key
      while !names.insert(name).inserted { name = "info_" + name }
      if let attribute = Attribute(name: name, json: member.value) { attributes.append(attribute) }
    }
    return attributes
  }

  /// Which of ASE's six components (xx, yy, zz, yz, xz, xy) stands at each place of the full tensor.
  static let voigt = [0, 5, 4, 5, 1, 3, 4, 3, 2]
  /// Names that entries of extended XYZ cannot have a second time.
  private static let taken: Set<String> = ["energy", "pbc", "Lattice", "Properties"]

  static func unusable(_ reason: String) -> DataError { DataError(reason, kind: .content) }

  static func vectors(
    _ values: [Double]?, _ count: Int, _ name: String
  ) throws(DataError) -> [Vector3]? {
    guard let values else { return nil }
    try require(values.count == 3 * count, name, values.count, 3 * count)
    return (0..<count).map { Vector3(values[3 * $0], values[3 * $0 + 1], values[3 * $0 + 2]) }
  }

  private static func require(
    _ fits: Bool, _ name: String, _ found: Int, _ expected: Int
  ) throws(DataError) {
    guard fits else {
      throw unusable("its \(name) are \(found) numbers; \(expected) are needed for its atoms")
    }
  }
}
