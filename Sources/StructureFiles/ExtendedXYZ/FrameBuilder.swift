// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// Collects the rows of one frame, column by column, into a structure.
struct FrameBuilder {
  private let header: FrameHeader
  private var elements: [Element] = []
  private var positions: [Vector3] = []
  private var forces: [Vector3] = []
  private var tags: [Int] = []
  private var freedoms: [Freedom] = []
  private var others: [ColumnBuffer] = []
  /// Reads the rows that are spelled as usual; nil where a column needs a closer look.
  private var usual: RowReader?

  /// Memory that an announced number of atoms may claim before they have been seen.
  private static let trustedCount = 1 << 14

  init(_ header: FrameHeader, count: Int) {
    self.header = header
    let trusted = min(count, FrameBuilder.trustedCount)
    elements.reserveCapacity(trusted)
    positions.reserveCapacity(trusted)
    for group in header.layout.groups {
      switch group.role {
      case .forces: forces.reserveCapacity(trusted)
      case .other: others.append(ColumnBuffer(group))
      default: break
      }
    }
    usual = header.layout.usualWords.map {
      RowReader($0, symbols: ElementTable.numbers, capacity: min(count, 64))
    }
  }

  /// Adds as many rows as are spelled in the usual way at the beginning of `bytes[range]`, `rows` at
  /// most.
  ///
  /// - Returns: how many there are and the bytes that they take.
  mutating func appendUsual(
    _ bytes: [UInt8], _ range: Range<Int>, rows: Int
  ) -> (rows: Int, bytes: Int) {
    guard let result = usual?.read(bytes, range, rows: rows), result.rows > 0, let usual else {
      return (0, 0)
    }
    let count = result.rows
    let words = header.layout.wordCounts
    var (real, integer, byte) = (0, 0, 0)
    var other = 0
    for group in header.layout.groups {
      switch group.role {
      case .species:
        for i in 0..<count {
          elements.append(ElementTable.elements[Int(usual.bytes[i * words.bytes + byte])])
        }
      case .positions:
        FrameBuilder.append(usual.reals, real, words.reals, count, to: &positions)
      case .forces: FrameBuilder.append(usual.reals, real, words.reals, count, to: &forces)
      case .tags:
        for i in 0..<count { tags.append(Int(usual.integers[i * words.integers + integer])) }
      case .moveMask:
        for i in 0..<count {
          let flags = usual.bytes[i * words.bytes + byte..<i * words.bytes + byte + group.width]
          freedoms.append(FrameBuilder.freedom(flags))
        }
      case .numbers: preconditionFailure("atomic numbers are not read in bulk")
      case .other:
        for i in 0..<count {
          for k in 0..<group.width {
            switch group.kind {
            case .real: others[other].reals.append(usual.reals[i * words.reals + real + k])
            case .integer:
              let value = usual.integers[i * words.integers + integer + k]
              others[other].integers.append(Int(value))
            case .logical:
              others[other].logicals.append(usual.bytes[i * words.bytes + byte + k] == 1)
            case .string: preconditionFailure("words are not read in bulk")
            }
          }
        }
        other += 1
      }
      switch group.kind {
      case .real: real += group.width
      case .integer: integer += group.width
      case .logical, .string: byte += group.width
      }
    }
    return result
  }

  private static func append(
    _ reals: [Double], _ first: Int, _ stride: Int, _ count: Int, to vectors: inout [Vector3]
  ) {
    for i in 0..<count {
      let k = i * stride + first
      vectors.append(Vector3(reals[k], reals[k + 1], reals[k + 2]))
    }
  }

  /// One flag for an atom, or three for its components.
  private static func freedom(_ flags: ArraySlice<UInt8>) -> Freedom {
    guard flags.count == 3 else { return flags.first == 1 ? .free : .fixed }
    var bits: UInt8 = 0
    for (k, flag) in flags.enumerated() { bits |= flag << UInt8(k) }
    return Freedom(rawValue: bits)
  }

  /// Adds the row in `bytes`, whose words begin at `start + bounds[2i]`, as many as columns.
  mutating func append(
    _ bytes: [UInt8], start: Int, bounds: [UInt32]
  ) throws(LineDefect) {
    var other = 0
    var hasSpecies = false
    for group in header.layout.groups {
      let first = group.first
      switch group.role {
      case .species:
        let word = range(first, start, bounds)
        guard let element = ElementTable.element(bytes, word) else {
          throw LineDefect(
            word.lowerBound, "\(Excerpt.quote(bytes, word)) is not the symbol of an element")
        }
        try add(element, bytes, word, &hasSpecies)
      case .numbers:
        let word = range(first, start, bounds)
        let number = try integer(bytes, word, group)
        guard let element = Element(atomicNumber: number) else {
          throw LineDefect(
            word.lowerBound,
            "\(Excerpt.quote(bytes, word)) is not an atomic number; expected 1 to 118")
        }
        try add(element, bytes, word, &hasSpecies)
      case .positions:
        let position = try vector(bytes, first, start, bounds, group)
        if !position.isFinite {
          let bad = (0..<3).first { !position[$0].isFinite } ?? 0
          let word = range(first + bad, start, bounds)
          throw LineDefect(
            word.lowerBound, "\(Excerpt.quote(bytes, word)) as a position; expected a finite number"
          )
        }
        positions.append(position)
      case .forces: forces.append(try vector(bytes, first, start, bounds, group))
      case .tags: tags.append(try integer(bytes, range(first, start, bounds), group))
      case .moveMask:
        var freedom: Freedom = group.width == 1 ? .free : .fixed
        for k in 0..<group.width {
          let free = try flag(bytes, range(first + k, start, bounds), group)
          if group.width == 1 {
            freedom = free ? .free : .fixed
          } else if free {
            freedom.insert(Freedom(rawValue: 1 << UInt8(k)))
          }
        }
        freedoms.append(freedom)
      case .other:
        for k in 0..<group.width {
          try add(bytes, range(first + k, start, bounds), group, to: other)
        }
        other += 1
      }
    }
  }

  /// The structure, when all rows are in.
  func structure() -> Structure {
    let mask = header.layout.groups.first { $0.role == .moveMask }
    let moveMask = mask.map { group in
      group.width == 1
        ? MoveMask(free: freedoms.map { $0 == .free }) : MoveMask(components: freedoms)
    }
    let roles = header.layout.groups.map(\.role)
    return Structure(
      elements: elements, positions: positions, cell: header.cell, moveMask: moveMask,
      tags: roles.contains(.tags) ? tags : nil, energy: header.energy,
      forces: roles.contains(.forces) ? forces : nil, columns: others.map(\.column),
      attributes: header.attributes)
  }

  private func range(_ column: Int, _ start: Int, _ bounds: [UInt32]) -> Range<Int> {
    start + Int(bounds[2 * column])..<start + Int(bounds[2 * column + 1])
  }

  private mutating func add(
    _ element: Element, _ bytes: [UInt8], _ word: Range<Int>, _ hasSpecies: inout Bool
  ) throws(LineDefect) {
    guard hasSpecies else {
      elements.append(element)
      hasSpecies = true
      return
    }
    if let before = elements.last, before != element {
      throw LineDefect(
        word.lowerBound,
        "\(Excerpt.quote(bytes, word)) is \(element) but this row also says \(before)")
    }
  }

  private mutating func add(
    _ bytes: [UInt8], _ word: Range<Int>, _ group: ColumnLayout.Group, to index: Int
  ) throws(LineDefect) {
    switch group.kind {
    case .real: others[index].reals.append(try real(bytes, word, group))
    case .integer: others[index].integers.append(try integer(bytes, word, group))
    case .logical: others[index].logicals.append(try flag(bytes, word, group))
    case .string: others[index].strings.append(try text(bytes, word, group))
    }
  }

  private func vector(
    _ bytes: [UInt8], _ first: Int, _ start: Int, _ bounds: [UInt32], _ group: ColumnLayout.Group
  ) throws(LineDefect) -> Vector3 {
    Vector3(
      try real(bytes, range(first, start, bounds), group),
      try real(bytes, range(first + 1, start, bounds), group),
      try real(bytes, range(first + 2, start, bounds), group))
  }

  private func real(
    _ bytes: [UInt8], _ word: Range<Int>, _ group: ColumnLayout.Group
  ) throws(LineDefect) -> Double {
    do throws(NumberText.Defect) {
      return try NumberText.double(in: bytes, word)
    } catch {
      throw LineDefect(
        word.lowerBound,
        NumberComplaint.real(bytes, word, error, "expected a number for \(group.name)"))
    }
  }

  private func integer(
    _ bytes: [UInt8], _ word: Range<Int>, _ group: ColumnLayout.Group
  ) throws(LineDefect) -> Int {
    do throws(NumberText.Defect) {
      return try NumberText.integer(in: bytes, word)
    } catch {
      throw LineDefect(
        word.lowerBound,
        NumberComplaint.integer(
          bytes, word, error, "expected a whole number for \(group.name)"))
    }
  }

  /// A logical value, or 0 and 1 in a column of type I.
  private func flag(
    _ bytes: [UInt8], _ word: Range<Int>, _ group: ColumnLayout.Group
  ) throws(LineDefect) -> Bool {
    if group.kind == .integer {
      switch try integer(bytes, word, group) {
      case 0: return false
      case 1: return true
      default:
        throw LineDefect(
          word.lowerBound, "\(Excerpt.quote(bytes, word)) in \(group.name); expected 0 or 1")
      }
    }
    if let flag = Text.logical(bytes, word) { return flag }
    throw LineDefect(
      word.lowerBound,
      "\(Excerpt.quote(bytes, word)) in \(group.name); expected T or F, in capitals")
  }

  private func text(
    _ bytes: [UInt8], _ word: Range<Int>, _ group: ColumnLayout.Group
  ) throws(LineDefect) -> String {
    if let bad = word.first(where: { bytes[$0] < 32 || bytes[$0] == 127 }) {
      throw LineDefect(
        bad, "the control character \(Excerpt.quote(bytes, bad..<bad + 1)) in \(group.name)")
    }
    guard bytes[word].contains(where: { $0 >= 128 }) else { return Text.string(bytes, word) }
    if let bad = Text.firstInvalid(bytes, word) {
      throw LineDefect(bad, "the text in \(group.name) is not valid UTF-8")
    }
    if let bad = Text.firstWideBlank(bytes, word) {
      throw LineDefect(bad, "a Unicode blank in \(group.name), where words end at blanks")
    }
    return Text.string(bytes, word)
  }
}

/// A column that is being read; only the array of its type is used.
private struct ColumnBuffer {
  let group: ColumnLayout.Group
  var reals: [Double] = []
  var integers: [Int] = []
  var logicals: [Bool] = []
  var strings: [String] = []

  init(_ group: ColumnLayout.Group) { self.group = group }

  var column: Column {
    let values: Column.Values =
      switch group.kind {
      case .real: .reals(reals)
      case .integer: .integers(integers)
      case .logical: .logicals(logicals)
      case .string: .strings(strings)
      }
    return Column(name: group.name, width: group.width, values: values)
  }
}

/// Elements by the letters of their symbols in any case.
private enum ElementTable {
  static func element(_ bytes: [UInt8], _ word: Range<Int>) -> Element? {
    guard word.count == 1 || word.count == 2 else { return nil }
    let first = bytes[word.lowerBound] | 0x20
    let second = word.count == 2 ? bytes[word.lowerBound + 1] | 0x20 : 0x60
    guard first >= 0x61 && first <= 0x7A && second >= 0x60 && second <= 0x7A else { return nil }
    if word.count == 2 && second == 0x60 { return nil }
    return Element(atomicNumber: Int(numbers[Int(first - 0x60) << 5 | Int(second - 0x60)]))
  }

  /// Atomic number, or 0, for 32 · first letter + second letter, with a = 1 and 0 for none.
  static let numbers: [UInt8] = {
    var table = [UInt8](repeating: 0, count: 1 << 10)
    for (index, symbol) in Element.symbols.enumerated() {
      let letters = Array(symbol.lowercased().utf8)
      let second = letters.count == 2 ? Int(letters[1] - 0x60) : 0
      table[Int(letters[0] - 0x60) << 5 | second] = UInt8(index + 1)
    }
    return table
  }()

  /// Elements by atomic number; 0 is never asked for and repeats hydrogen.
  static let elements: [Element] = (0...Element.symbols.count).compactMap {
    Element(atomicNumber: max($0, 1))
  }
}
