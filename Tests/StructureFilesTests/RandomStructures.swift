// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// Structures with everything that a file can hold, made up from a seed.
struct RandomStructures {
  private var random: SeededGenerator

  init(seed: UInt64) { random = SeededGenerator(seed: seed) }

  /// A structure of at most `atoms` atoms.
  mutating func next(atoms: Int = 40) -> Structure {
    let count = 1 + below(atoms)
    var structure = Structure(
      elements: (0..<count).compactMap { _ in Element(atomicNumber: 1 + below(118)) },
      positions: (0..<count).map { _ in vector() }, cell: cell())
    if chance() { structure.energy = real() }
    if chance() { structure.forces = (0..<count).map { _ in vector(finite: false) } }
    if chance() { structure.tags = (0..<count).map { _ in Int(truncatingIfNeeded: random.next()) } }
    if chance() {
      structure.moveMask =
        chance()
        ? MoveMask(free: (0..<count).map { _ in chance() })
        : MoveMask(components: (0..<count).map { _ in Freedom(rawValue: UInt8(below(8))) })
    }
    for index in 0..<below(4) {
      let width = 1 + below(4)
      structure.columns.append(
        Column(name: "column_\(index)", width: width, values: values(count * width)))
    }
    let texts: [String?] = [
      nil, "abc", "00123", "\"two words\"", "'it is \"quoted\"'", "{1 2 3}", "[[1, 2], [3, 4]]",
      "\"\"", "\"a = b\"", "\"\\\"\"", "a\\ b", "é", "\"tab\there\"", "1e5", "a=b", "_JSON", "T",
    ]
    for index in 0..<below(6) {
      let name = ["key", "sid", "a key", "x=y", "Ångström", "\"quoted\"", "back\\slash"][below(7)]
      structure.attributes.append(
        Attribute(name: "\(name)\(index)", text: texts[below(texts.count)]))
    }
    return structure
  }

  mutating func below(_ limit: Int) -> Int { Int.random(in: 0..<limit, using: &random) }
  mutating func chance() -> Bool { below(2) == 0 }

  /// Any number: plain ones, all bit patterns, decimals.
  mutating func real(finite: Bool = false) -> Double {
    while true {
      let value: Double
      switch below(4) {
      case 0: value = Double(bitPattern: random.next())
      case 1: value = (random.uniform(-1e6, 1e6) * 1e8).rounded() / 1e8
      case 2: value = [0, -0.0, 1, .leastNonzeroMagnitude, .greatestFiniteMagnitude][below(5)]
      default: value = random.uniform(-100, 100)
      }
      // Payloads of NaN are not kept.
      if value.isNaN { return finite ? 0 : .nan }
      if value.isFinite || !finite { return value }
    }
  }

  private mutating func vector(finite: Bool = true) -> Vector3 {
    Vector3(real(finite: finite), real(finite: finite), real(finite: finite))
  }

  private mutating func cell() -> Cell {
    if below(4) == 0 { return .none }
    while true {
      let v = (0..<9).map { _ in random.uniform(-20, 20) }
      let cell = Cell(
        Vector3(v[0], v[1], v[2]), Vector3(v[3], v[4], v[5]), Vector3(v[6], v[7], v[8]),
        periodicity: Periodicity(chance(), chance(), chance()))
      if cell.defect == nil { return cell }
    }
  }

  private mutating func values(_ count: Int) -> Column.Values {
    switch below(4) {
    case 0: .reals((0..<count).map { _ in real() })
    case 1: .integers((0..<count).map { _ in Int(truncatingIfNeeded: random.next()) >> below(64) })
    case 2: .logicals((0..<count).map { _ in chance() })
    default: .strings((0..<count).map { _ in ["a", "O_2", "x'y", "µ", "1.5", "T"][below(6)] })
    }
  }
}

extension Structure {
  /// Whether all values are the same bit for bit; unlike `==`, NaN equals NaN and 0 is not -0.
  func isIdentical(to other: Structure) -> Bool {
    func bits(_ vectors: [Vector3]?) -> [UInt64]? {
      vectors?.flatMap { [$0.x.bitPattern, $0.y.bitPattern, $0.z.bitPattern] }
    }
    func bits(_ columns: [Column]) -> [UInt64] {
      columns.flatMap { column -> [UInt64] in
        guard case .reals(let values) = column.values else { return [] }
        return values.map(\.bitPattern)
      }
    }
    func withoutReals(_ columns: [Column]) -> [Column] {
      columns.map { column in
        guard case .reals(let values) = column.values else { return column }
        return Column(name: column.name, width: column.width, values: .integers([values.count]))
      }
    }
    return elements == other.elements && bits(positions) == bits(other.positions)
      && bits([cell.a, cell.b, cell.c]) == bits([other.cell.a, other.cell.b, other.cell.c])
      && cell.periodicity == other.cell.periodicity && moveMask == other.moveMask
      && tags == other.tags && energy?.bitPattern == other.energy?.bitPattern
      && bits(forces) == bits(other.forces) && bits(columns) == bits(other.columns)
      && withoutReals(columns) == withoutReals(other.columns) && attributes == other.attributes
  }
}
