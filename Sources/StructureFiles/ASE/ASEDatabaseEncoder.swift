// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// Makes rows of ASE's database in SQLite.
///
/// A record is the values of a row's columns, without `id` and `unique_id`, which depend on the place: so it can be
/// compared with what a database holds.
struct ASEDatabaseEncoder: FrameEncoder {
  func objection(to structure: Structure) -> String? {
    let isSmall = structure.tags?.allSatisfy { Int32(exactly: $0) != nil } ?? true
    return isSmall ? nil : "it has a tag of more than 32 bits, which ASE's database cannot hold"
  }

  func append(_ structure: Structure, to bytes: inout [UInt8]) {
    let values = Self.values(ASERecord(structure: structure))
    bytes += ASEDatabaseEncoder.record(values)
  }

  /// The record of a row whose columns have these values.
  static func record(_ values: [SQLiteValue]) -> [UInt8] {
    var body: [UInt8] = []
    for value in values { value.append(to: &body) }
    return UInt64(body.count).littleEndianBytes + body
  }

  /// The values of a row's columns.
  static func values(of record: ArraySlice<UInt8>) -> [SQLiteValue]? {
    var rest = record.dropFirst(8)
    var values: [SQLiteValue] = []
    while !rest.isEmpty {
      guard let value = SQLiteValue(takingFrom: &rest) else { return nil }
      values.append(value)
    }
    return values.count == columns.count ? values : nil
  }

  /// The columns in their order.
  static let columns = [
    "ctime", "mtime", "username", "numbers", "positions", "cell", "pbc", "initial_magmoms",
    "initial_charges", "masses", "tags", "momenta", "constraints", "calculator",
    "calculator_parameters", "energy", "free_energy", "forces", "stress", "dipole", "magmoms",
    "magmom", "charges", "key_value_pairs", "data", "natoms", "fmax", "smax", "volume", "mass",
    "charge",
  ]

  private static func values(_ record: ASERecord) -> [SQLiteValue] {
    let structure = record.structure
    let time = ASERecord.time
    let (pairs, data) = record.pairsAndData
    let cell = structure.cell
    let flags = (0..<3).reduce(0) { $0 | (cell.periodicity[$1] ? 1 << $1 : 0) }
    // ASE cannot read rows with vectors for magnetic moments.
    func column(_ name: String) -> SQLiteValue {
      let widths: Set<Int> = name == "momenta" ? [3] : [1]
      guard case .reals(let values) = record.column(name, widths: widths)?.values else {
        return .null
      }
      return .blob(bytes(values))
    }
    func number(_ value: Double?) -> SQLiteValue { value.map { .number($0) } ?? .null }
    let hasResults = structure.energy != nil || structure.forces != nil || record.stress != nil
    return [
      .number(time), .number(time), .null,
      .blob(bytes(structure.elements.map { Int32($0.atomicNumber) })),
      .blob(bytes(structure.positions.flatMap { [$0.x, $0.y, $0.z] })),
      .blob(bytes([cell.a, cell.b, cell.c].flatMap { [$0.x, $0.y, $0.z] })),
      .integer(flags), column("initial_magmoms"), column("initial_charges"), column("masses"),
      structure.tags.map { .blob(bytes($0.map { Int32(truncatingIfNeeded: $0) })) } ?? .null,
      column("momenta"), record.constraints.map { .text($0.text(.oneLine)) } ?? .null,
      hasResults ? .text("unknown") : .null, hasResults ? .text("{}") : .null,
      number(structure.energy), number(record.freeEnergy),
      structure.forces.map { .blob(bytes($0.flatMap { [$0.x, $0.y, $0.z] })) } ?? .null,
      record.stress.map { .blob(bytes($0)) } ?? .null,
      record.dipole.map { .blob(bytes($0)) } ?? .null, column("magmoms"),
      number(record.magneticMoment), column("charges"),
      // The data begin with where their JSON does: ASE could have arrays before it.
      .text(String(decoding: text(pairs), as: UTF8.self)),
      .blob(object(data)),
      .integer(structure.count), number(largestForce(structure)),
      number(record.stress.flatMap { $0.map(abs).max() }), number(volume(cell)),
      .number(mass(record)), .number(charge(record)),
    ]
  }

  /// ASE's binary form of a dictionary: where its JSON begins, the numbers of its arrays, the JSON, in which arrays
  /// have the places of their numbers.
  private static func object(_ members: [JSONText.Member]) -> [UInt8] {
    var numbers: [UInt8] = []
    let placed = members.map { JSONText.Member($0.key, placing($0.value, &numbers)) }
    return UInt64(8 + numbers.count).littleEndianBytes + numbers + text(placed)
  }

  /// The value, with the numbers of its arrays moved behind `numbers`.
  private static func placing(_ value: JSONText, _ numbers: inout [UInt8]) -> JSONText {
    switch value {
    case .array(let values): return .array(values.map { placing($0, &numbers) })
    case .object(let members):
      guard members.count == 1, members[0].key == "__ndarray__",
        case .array(let parts) = members[0].value, parts.count == 3,
        case .string(let type) = parts[1], case .array(let values) = parts[2]
      else { return .object(members.map { .init($0.key, placing($0.value, &numbers)) }) }
      guard let content = content(values, type) else { return parts[2] }
      let place = 8 + numbers.count
      numbers += content
      return .object([.init("__ndarray__", .array([parts[0], parts[1], .integer(place)]))])
    default: return value
    }
  }

  /// The numbers of an array as bytes; nil for types that are none of those that ASE usually writes.
  private static func content(_ values: [JSONText], _ type: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    for value in values {
      switch (type, value) {
      case ("float64", _):
        guard let number = value.number else { return nil }
        number.bitPattern.appendLittleEndian(to: &bytes)
      case ("int64", .integer(let number)):
        UInt64(bitPattern: Int64(number)).appendLittleEndian(to: &bytes)
      case ("bool", .boolean(let flag)): bytes.append(flag ? 1 : 0)
      default: return nil
      }
    }
    return bytes
  }

  private static func text(_ members: [JSONText.Member]) -> [UInt8] {
    var text = ASEText()
    text.begin()
    for member in members { text.add(member.key, member.value) }
    text.end()
    return text.bytes
  }

  private static func bytes(_ values: [Double]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 * values.count)
    for value in values { value.bitPattern.appendLittleEndian(to: &bytes) }
    return bytes
  }

  private static func bytes(_ values: [Int32]) -> [UInt8] {
    values.flatMap { UInt64(UInt32(bitPattern: $0)).littleEndianBytes.prefix(4) }
  }

  /// The largest force on an atom that may move, eV/Å.
  private static func largestForce(_ structure: Structure) -> Double? {
    guard let forces = structure.forces else { return nil }
    return zip(forces, structure.freedoms).map { $1.masking($0).length }.max()
  }

  private static func volume(_ cell: Cell) -> Double? {
    let volume = abs(cell.a.dot(cell.b.cross(cell.c)))
    return volume > 0 ? volume : nil
  }

  private static func mass(_ record: ASERecord) -> Double {
    if case .reals(let masses) = record.column("masses", widths: [1])?.values {
      return masses.reduce(0, +)
    }
    return record.structure.elements.reduce(0) { $0 + $1.mass }
  }

  private static func charge(_ record: ASERecord) -> Double {
    guard case .reals(let charges) = record.column("initial_charges", widths: [1])?.values else {
      return 0
    }
    return charges.reduce(0, +)
  }
}

extension SQLiteValue {
  /// A letter for the kind, then the value; texts and blobs have their length in front.
  fileprivate func append(to bytes: inout [UInt8]) {
    switch self {
    case .null: bytes.append(UInt8(ascii: "n"))
    case .integer(let value):
      bytes.append(UInt8(ascii: "i"))
      (UInt64(bitPattern: Int64(value))).appendLittleEndian(to: &bytes)
    case .number(let value):
      // SQLite keeps neither NaN nor the sign of zero.
      guard !value.isNaN else { return SQLiteValue.null.append(to: &bytes) }
      bytes.append(UInt8(ascii: "r"))
      ((value == 0 ? 0 : value).bitPattern).appendLittleEndian(to: &bytes)
    case .text(let text):
      bytes.append(UInt8(ascii: "t"))
      (UInt64(text.utf8.count)).appendLittleEndian(to: &bytes)
      bytes += text.utf8
    case .blob(let blob):
      bytes.append(UInt8(ascii: "b"))
      (UInt64(blob.count)).appendLittleEndian(to: &bytes)
      bytes += blob
    }
  }

  /// The value that `bytes` begin with; nil if there is none.
  fileprivate init?(takingFrom bytes: inout ArraySlice<UInt8>) {
    guard let kind = bytes.popFirst() else { return nil }
    guard kind != UInt8(ascii: "n") else {
      self = .null
      return
    }
    guard bytes.count >= 8 else { return nil }
    let word = bytes.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    bytes = bytes.dropFirst(8)
    switch kind {
    case UInt8(ascii: "i"): self = .integer(Int(Int64(bitPattern: word)))
    case UInt8(ascii: "r"): self = .number(Double(bitPattern: word))
    case UInt8(ascii: "t"), UInt8(ascii: "b"):
      guard word <= UInt64(bytes.count) else { return nil }
      let content = bytes.prefix(Int(word))
      bytes = bytes.dropFirst(Int(word))
      self =
        kind == UInt8(ascii: "t")
        ? .text(String(decoding: content, as: UTF8.self)) : .blob(Array(content))
    default: return nil
    }
  }
}
