// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// Writes structures as extended XYZ, such that reading gives back the same values bit for bit.
public struct ExtxyzFormatter: FrameEncoder {
  /// A formatter; it has no settings.
  public init() {}

  /// Appends one frame, as the function of the type does.
  public func append(_ structure: Structure, to bytes: inout [UInt8]) {
    ExtxyzFormatter.append(structure, to: &bytes)
  }

  /// Appends one frame.
  ///
  /// Columns stand in ASE's order (species, pos, move_mask, tags, others, forces), numbers as the
  /// shortest text that reads back as the same value. The cell is left out if it has no vectors.
  public static func append(_ structure: Structure, to bytes: inout [UInt8]) {
    NumberText.append(structure.count, to: &bytes)
    bytes.append(newline)
    appendComment(structure, to: &bytes)
    for atom in 0..<structure.count { appendRow(structure, atom, to: &bytes) }
  }

  private static let newline = UInt8(ascii: "\n")
  private static let blank = UInt8(ascii: " ")

  private static func appendComment(_ structure: Structure, to bytes: inout [UInt8]) {
    let cell = structure.cell
    if cell.hasVectors {
      bytes.append(contentsOf: "Lattice=\"".utf8)
      for (row, vector) in [cell.a, cell.b, cell.c].enumerated() {
        if row > 0 { bytes.append(blank) }
        NumberText.append(vector, to: &bytes)
      }
      bytes.append(contentsOf: "\" ".utf8)
    }
    bytes.append(contentsOf: "Properties=species:S:1:pos:R:3".utf8)
    if let mask = structure.moveMask {
      bytes.append(contentsOf: (mask.form == .atoms ? ":move_mask:L:1" : ":move_mask:L:3").utf8)
    }
    if structure.tags != nil { bytes.append(contentsOf: ":tags:I:1".utf8) }
    for column in structure.columns {
      bytes.append(contentsOf: ":\(column.name):\(letter(column.values)):\(column.width)".utf8)
    }
    if structure.forces != nil { bytes.append(contentsOf: ":forces:R:3".utf8) }
    if let energy = structure.energy {
      bytes.append(contentsOf: " energy=".utf8)
      NumberText.append(energy, to: &bytes)
    }
    for attribute in structure.attributes {
      bytes.append(blank)
      bytes.append(contentsOf: QuotedText.key(attribute.name).utf8)
      guard let text = attribute.text else { continue }
      bytes.append(UInt8(ascii: "="))
      // What no line can hold was never read from one: it is a text that someone forgot to quote.
      bytes.append(contentsOf: (QuotedText.isOneLine(text) ? text : QuotedText.value(text)).utf8)
    }
    let periodicity = structure.cell.periodicity
    bytes.append(contentsOf: " pbc=\"".utf8)
    for axis in 0..<3 {
      if axis > 0 { bytes.append(blank) }
      append(periodicity[axis], to: &bytes)
    }
    bytes.append(contentsOf: "\"\n".utf8)
  }

  private static func letter(_ values: Column.Values) -> String {
    switch values {
    case .reals: "R"
    case .integers: "I"
    case .logicals: "L"
    case .strings: "S"
    }
  }

  private static func appendRow(
    _ structure: Structure, _ atom: Int, to bytes: inout [UInt8]
  ) {
    bytes.append(contentsOf: structure.elements[atom].symbol.utf8)
    bytes.append(blank)
    NumberText.append(structure.positions[atom], to: &bytes)
    if let mask = structure.moveMask {
      let freedom = mask.freedoms[atom]
      if mask.form == .atoms {
        bytes.append(blank)
        append(freedom == .free, to: &bytes)
      } else {
        for axis in [Freedom.x, .y, .z] {
          bytes.append(blank)
          append(freedom.contains(axis), to: &bytes)
        }
      }
    }
    if let tags = structure.tags {
      bytes.append(blank)
      NumberText.append(tags[atom], to: &bytes)
    }
    for column in structure.columns { append(column, atom, to: &bytes) }
    if let forces = structure.forces {
      bytes.append(blank)
      NumberText.append(forces[atom], to: &bytes)
    }
    bytes.append(newline)
  }

  private static func append(_ column: Column, _ atom: Int, to bytes: inout [UInt8]) {
    for k in atom * column.width..<(atom + 1) * column.width {
      bytes.append(blank)
      switch column.values {
      case .reals(let values): NumberText.append(values[k], to: &bytes)
      case .integers(let values): NumberText.append(values[k], to: &bytes)
      case .logicals(let values): append(values[k], to: &bytes)
      case .strings(let values):
        precondition(
          !values[k].isEmpty && !values[k].utf8.contains { $0 <= 32 },
          "\(values[k].debugDescription) in the column \(column.name) is not one word")
        bytes.append(contentsOf: values[k].utf8)
      }
    }
  }

  private static func append(_ flag: Bool, to bytes: inout [UInt8]) {
    bytes.append(flag ? UInt8(ascii: "T") : UInt8(ascii: "F"))
  }
}
