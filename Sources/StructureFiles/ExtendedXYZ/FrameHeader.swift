// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// What the comment line of a frame says.
struct FrameHeader {
  var cell = Cell.none
  var layout = ColumnLayout.plain
  var energy: Double?
  var attributes: [Attribute] = []

  /// Interprets the entries of a comment line, whose `Properties` are `layout`.
  init(
    _ entries: [CommentEntry], _ bytes: [UInt8], _ layout: Result<ColumnLayout, LineDefect>
  ) throws(LineDefect) {
    var lattice: (vectors: [Double], start: Int)?
    var periodicity: (value: Periodicity, start: Int)?
    for entry in entries {
      switch entry.name {
      case "Lattice":
        lattice = (try FrameHeader.nineNumbers(entry, bytes), entry.nameStart)
      case "pbc":
        periodicity = (try FrameHeader.periodicity(entry, bytes), entry.nameStart)
      case "Properties":
        self.layout = try layout.get()
      case "energy":
        energy = try FrameHeader.number(entry, bytes)
      default:
        if entry.name == "stress" || entry.name == "virial" {
          _ = try FrameHeader.nineNumbers(entry, bytes, finite: false)
        }
        try FrameHeader.checkSpelling(entry)
        attributes.append(
          Attribute(name: entry.name, text: entry.value.map { Text.string(bytes, $0) }))
      }
    }
    cell = try FrameHeader.cell(lattice, periodicity)
  }

  private static func cell(
    _ lattice: (vectors: [Double], start: Int)?, _ periodicity: (value: Periodicity, start: Int)?
  ) throws(LineDefect) -> Cell {
    let v = lattice?.vectors ?? Array(repeating: 0, count: 9)
    let cell = Cell(
      Vector3(v[0], v[1], v[2]), Vector3(v[3], v[4], v[5]), Vector3(v[6], v[7], v[8]),
      periodicity: periodicity?.value ?? (lattice == nil ? .none : .all))
    if lattice == nil, let periodicity, periodicity.value.any {
      throw LineDefect(
        periodicity.start, "pbc has a periodic axis but there is no Lattice")
    }
    if let defect = cell.defect {
      throw LineDefect(lattice?.start ?? periodicity?.start, "the cell is unusable: \(defect)")
    }
    return cell
  }

  static func value(of entry: CommentEntry) throws(LineDefect) -> Range<Int> {
    guard entry.value != nil else {
      throw LineDefect(entry.nameStart, "the key \(Excerpt.quote(entry.name)) has no value")
    }
    return entry.inner
  }

  private static func number(
    _ bytes: [UInt8], _ range: Range<Int>, of name: String
  ) throws(LineDefect) -> Double {
    do throws(NumberText.Defect) {
      return try NumberText.double(in: bytes, range)
    } catch {
      throw LineDefect(
        range.lowerBound,
        NumberComplaint.real(bytes, range, error, "expected a number for \(Excerpt.quote(name))"))
    }
  }

  private static func number(
    _ entry: CommentEntry, _ bytes: [UInt8]
  ) throws(LineDefect) -> Double {
    let items = Text.listItems(bytes, try value(of: entry))
    guard items.count == 1 else {
      throw LineDefect(
        entry.inner.lowerBound,
        "\(Excerpt.quote(entry.name)) has \(items.count) values; expected one number")
    }
    return try number(bytes, items[0], of: entry.name)
  }

  private static func nineNumbers(
    _ entry: CommentEntry, _ bytes: [UInt8], finite: Bool = true
  ) throws(LineDefect) -> [Double] {
    let items = Text.listItems(bytes, try value(of: entry))
    guard items.count == 9 else {
      throw LineDefect(
        entry.inner.lowerBound,
        "\(Excerpt.quote(entry.name)) has \(Excerpt.count(items.count, "value")); "
          + "expected nine numbers")
    }
    var numbers: [Double] = []
    for item in items {
      let value = try number(bytes, item, of: entry.name)
      if finite && !value.isFinite {
        throw LineDefect(
          item.lowerBound,
          "\(Excerpt.quote(bytes, item)) in \(Excerpt.quote(entry.name)); "
            + "expected a finite number")
      }
      numbers.append(value)
    }
    return numbers
  }

  private static func periodicity(
    _ entry: CommentEntry, _ bytes: [UInt8]
  ) throws(LineDefect) -> Periodicity {
    let items = Text.listItems(bytes, try value(of: entry))
    guard items.count == 3 || items.count == 1 else {
      throw LineDefect(
        entry.inner.lowerBound,
        "'pbc' has \(Excerpt.count(items.count, "value")); expected one or three of T and F")
    }
    var flags: [Bool] = []
    for item in items {
      if let flag = Text.logical(bytes, item) {
        flags.append(flag)
      } else if item.count == 1 && (bytes[item.lowerBound] | 1) == UInt8(ascii: "1") {
        flags.append(bytes[item.lowerBound] == UInt8(ascii: "1"))
      } else {
        throw LineDefect(
          item.lowerBound, "\(Excerpt.quote(bytes, item)) in 'pbc'; expected T or F, in capitals")
      }
    }
    return items.count == 1
      ? Periodicity(flags[0], flags[0], flags[0]) : Periodicity(flags[0], flags[1], flags[2])
  }

  /// Refuses `lattice`, `PBC` and the like, which every program would silently overlook.
  private static func checkSpelling(_ entry: CommentEntry) throws(LineDefect) {
    guard entry.value != nil, entry.name.utf8.count <= 10 else { return }
    let lower = entry.name.lowercased()
    for known in ["Lattice", "Properties", "pbc"] where lower == known.lowercased() {
      throw LineDefect(
        entry.nameStart, "the key \(Excerpt.quote(entry.name)) is written '\(known)'")
    }
  }
}
