// SPDX-License-Identifier: MIT

import CLibrary
import Files
import RelaxNumerics
import Structures

/// A structure as ASE keeps it, under its names: what goes into a row of a database or a frame of a trajectory.
///
/// Masks become constraints, entries become `info` or key-value pairs, results those of a calculator. Columns
/// that ASE's files have no place for are left out.
struct ASERecord {
  let structure: Structure

  /// A named value, in JSON, which may hold NaN as Python writes it.
  private typealias Text = [UInt8]

  // MARK: - Parts

  /// The numbers of a column of `width` values an atom, if there is one of that name.
  func column(_ name: String, widths: Set<Int>) -> Column? {
    structure.columns.first { column in
      guard column.name == name, widths.contains(column.width) else { return false }
      if case .reals = column.values { return true }
      return false
    }
  }

  /// Numbers of an entry, if it consists of as many as one of `counts`.
  private func entry(_ name: String, counts: Set<Int>) -> [Double]? {
    switch structure.attribute(name)?.value {
    case .array(let values):
      let numbers = values.compactMap(\.number)
      return numbers.count == values.count && counts.contains(numbers.count) ? numbers : nil
    case .integer(let number): return counts.contains(1) ? [Double(number)] : nil
    case .number(let number): return counts.contains(1) ? [number] : nil
    default: return nil
    }
  }

  var freeEnergy: Double? { entry("free_energy", counts: [1])?[0] }
  var magneticMoment: Double? { entry("magmom", counts: [1])?[0] }
  var dipole: [Double]? { entry("dipole", counts: [3]) }

  /// ASE's six components: xx, yy, zz, yz, xz, xy.
  var stress: [Double]? {
    guard let values = entry("stress", counts: [6, 9]) else { return nil }
    return values.count == 6 ? values : [0, 4, 8, 5, 2, 1].map { values[$0] }
  }

  /// Entries that are not results; of a flag that extended XYZ repeats one, since a dictionary has no second.
  var info: [(name: String, value: JSONText)] {
    var names: Set<String> = []
    return structure.attributes.filter { attribute in
      guard names.insert(attribute.name).inserted else { return false }
      return switch attribute.name {
      case "free_energy": freeEnergy == nil
      case "magmom": magneticMoment == nil
      case "dipole": dipole == nil
      case "stress": stress == nil
      default: true
      }
    }.map { ($0.name, $0.value) }
  }

  /// The mask as ASE's constraints; nil if all atoms are free.
  var constraints: JSONText? {
    guard let mask = structure.moveMask else { return nil }
    var atoms: [Freedom: [Int]] = [:]
    for (atom, freedom) in mask.freedoms.enumerated() where freedom != .free {
      atoms[freedom, default: []].append(atom)
    }
    guard !atoms.isEmpty else { return nil }
    return .array(
      atoms.keys.sorted { $0.rawValue < $1.rawValue }.map { freedom in
        let indices = JSONText.array((atoms[freedom] ?? []).map { .integer($0) })
        guard freedom != .fixed else {
          return ["name": "FixAtoms", "kwargs": ["indices": indices]]
        }
        let fixed = [Freedom.x, .y, .z].map { JSONText.boolean(!freedom.contains($0)) }
        return ["name": "FixCartesian", "kwargs": ["a": indices, "mask": .array(fixed)]]
      })
  }

  // MARK: - A frame of a trajectory

  /// A frame as an item of a ULM file: its JSON, with all arrays in it, so that its bytes are the same wherever
  /// it stands.
  func appendItem(to bytes: inout [UInt8]) {
    var json = ASEText()
    json.begin()
    json.add("version", [1] as [Int])
    json.addFlags("pbc", (0..<3).map { structure.cell.periodicity[$0] })
    json.add("numbers", structure.elements.map { Int($0.atomicNumber) })
    if let constraints { json.add("constraints", text: constraints.text(.oneLine)) }
    if let masses = column("masses", widths: [1]) { json.add("masses", masses) }
    json.add("positions", structure.positions)
    json.add("cell", [structure.cell.a, structure.cell.b, structure.cell.c])
    if let tags = structure.tags { json.add("tags", tags) }
    for (name, column) in [
      ("momenta", column("momenta", widths: [3])),
      ("magmoms", column("initial_magmoms", widths: [1, 3])),
      ("charges", column("initial_charges", widths: [1])),
    ] {
      if let column { json.add(name, column) }
    }
    addCalculator(to: &json)
    let info = info
    if !info.isEmpty {
      json.beginObject("info")
      for (name, value) in info { json.add(name, value) }
      json.end()
    }
    json.end()
    let length = UInt64(json.bytes.count)
    for k in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: length >> UInt64(8 * k))) }
    bytes += json.bytes
  }

  private func addCalculator(to json: inout ASEText) {
    guard hasResults else { return }
    json.beginObject("calculator.")
    json.add("name", text: "unknown")
    addResults(to: &json)
    json.end()
  }

  private var hasResults: Bool {
    structure.energy != nil || structure.forces != nil || freeEnergy != nil || stress != nil
      || dipole != nil || magneticMoment != nil || column("magmoms", widths: [1, 3]) != nil
      || column("charges", widths: [1]) != nil
  }

  private func addResults(to json: inout ASEText) {
    if let energy = structure.energy { json.add("energy", energy) }
    if let forces = structure.forces { json.add("forces", forces) }
    if let stress { json.add("stress", stress) }
    if let dipole { json.add("dipole", dipole) }
    if let charges = column("charges", widths: [1]) { json.add("charges", charges) }
    if let magneticMoment { json.add("magmom", magneticMoment) }
    if let moments = column("magmoms", widths: [1, 3]) { json.add("magmoms", moments) }
    if let freeEnergy { json.add("free_energy", freeEnergy) }
  }

  // MARK: - A row of a database

  /// Now, in years since 2000 as ASE counts them.
  static var time: Double {
    let fixed = fixedTime.withLock { $0 }
    return ((fixed ?? Double(CLibrary.time(nil))) - 946_681_200) / 31_557_600
  }

  /// Seconds since 1970 that stand for the clock: `SOURCE_DATE_EPOCH` in the environment, as in other programs whose
  /// output is to be the same each time; nil for none.
  static let fixedTime = Guarded<Double?>(
    getenv("SOURCE_DATE_EPOCH").flatMap { Double(String(cString: $0)) })

  /// 32 hexadecimal digits for row `number` of a file: of its content, so that the same input has the same.
  static func identity(_ record: ArraySlice<UInt8>, number: Int) -> String {
    let first = Checksum(of: Array(record) + UInt64(number).littleEndianBytes).text
    return first + Checksum(of: Array(record) + Array(first.utf8)).text
  }

  /// A row of ASE's database in JSON, without its braces and its `unique_id`.
  func appendRow(to bytes: inout [UInt8]) {
    let time = ASERecord.time
    var parts: [(String, ASEText)] = []
    func add(_ name: String, _ body: (inout ASEText) -> Void) {
      var text = ASEText()
      body(&text)
      parts.append((name, text))
    }
    let (pairs, data) = pairsAndData
    if hasResults {
      add("calculator") { $0.add("calculator", text: "unknown") }
      add("calculator_parameters") { $0.add("calculator_parameters", JSONText.object([])) }
    }
    if let constraints { add("constraints") { $0.add("constraints", constraints) } }
    add("ctime") { $0.add("ctime", time) }
    if !data.isEmpty { add("data") { $0.add("data", .object(data)) } }
    if !pairs.isEmpty { add("key_value_pairs") { $0.add("key_value_pairs", .object(pairs)) } }
    add("mtime") { $0.add("mtime", time) }
    add("numbers") { $0.addArray("numbers", structure.elements.map { Int($0.atomicNumber) }) }
    add("positions") { $0.addArray("positions", structure.positions) }
    if structure.cell.hasVectors {
      add("cell") { $0.addArray("cell", [structure.cell.a, structure.cell.b, structure.cell.c]) }
    }
    if structure.cell.periodicity.any {
      add("pbc") { $0.addFlagArray("pbc", (0..<3).map { structure.cell.periodicity[$0] }) }
    }
    if let tags = structure.tags { add("tags") { $0.addArray("tags", tags) } }
    for (name, widths) in ASERecord.rowColumns {
      if let column = column(name, widths: widths) { add(name) { $0.addArray(name, column) } }
    }
    if let energy = structure.energy { add("energy") { $0.add("energy", energy) } }
    if let freeEnergy { add("free_energy") { $0.add("free_energy", freeEnergy) } }
    if let forces = structure.forces { add("forces") { $0.addArray("forces", forces) } }
    if let stress { add("stress") { $0.addArray("stress", stress) } }
    if let dipole { add("dipole") { $0.addArray("dipole", dipole) } }
    if let magneticMoment { add("magmom") { $0.add("magmom", magneticMoment) } }
    for (index, part) in parts.sorted(by: { $0.0 < $1.0 }).enumerated() {
      if index > 0 { bytes += ",\n ".utf8 }
      bytes += part.1.bytes
    }
  }

  /// Columns with a place in a row.
  static let rowColumns: [(String, Set<Int>)] = [
    ("masses", [1]), ("momenta", [3]), ("initial_magmoms", [1, 3]), ("initial_charges", [1]),
    ("magmoms", [1, 3]), ("charges", [1]),
  ]

  /// Entries as key-value pairs, and those that can be none: of other names than ASE allows, or neither numbers
  /// nor texts.
  var pairsAndData: (pairs: [JSONText.Member], data: [JSONText.Member]) {
    var (pairs, data): ([JSONText.Member], [JSONText.Member]) = ([], [])
    for (name, value) in info {
      let member = JSONText.Member(name, value)
      let isScalar: Bool
      switch value {
      case .array, .object, .null: isScalar = false
      default: isScalar = true
      }
      if isScalar && ASERecord.isKey(name) { pairs.append(member) } else { data.append(member) }
    }
    return (pairs, data)
  }

  /// Whether ASE takes the name as that of a key-value pair.
  private static func isKey(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(48...57).contains(first), !reserved.contains(name),
      Element(symbol: name) == nil
    else { return false }
    return name.utf8.allSatisfy {
      (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95
    }
  }

  private static let reserved: Set<String> = [
    "id", "unique_id", "ctime", "mtime", "user", "username", "age", "fmax", "smax", "energy",
    "free_energy", "forces", "stress", "dipole", "charges", "magmom", "magmoms", "numbers",
    "positions", "cell", "pbc", "initial_magmoms", "initial_charges", "masses", "tags", "momenta",
    "constraints", "calculator", "calculator_parameters", "key_value_pairs", "data", "natoms",
    "volume", "mass", "charge", "formula", "symbols", "cells", "constrained_forces", "metadata",
    "stresses", "energies", "dielectric_tensor", "born_effective_charges", "polarization", "X",
  ]
}
