// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// Facts that files may lack, given by hand: every structure that is read gets them, whatever its file says.
public struct StructureAssumptions: Hashable, Sendable {
  /// Lattice vectors (Å).
  public var cell: CellText?
  /// The axes that repeat; where only a cell is given, all of them.
  public var periodicity: PeriodicityText?
  /// Atoms that are held, beside those that the file holds; with `none` among them, in their place.
  public var fixed: [AtomFilter] = []
  /// Whether tags are given by height, see ``HeightTags``.
  public var tagsByHeight = false

  /// Nothing is assumed.
  public init() {}

  /// Whether there is nothing to do.
  public var isEmpty: Bool { self == StructureAssumptions() }

  /// `structure` with what is assumed.
  ///
  /// - Throws: what cannot be done with it.
  package func applied(to structure: Structure) throws(DataError) -> Structure {
    guard !isEmpty else { return structure }
    var structure = structure
    if let cell {
      let periodicity = periodicity?.value ?? .all
      structure.cell = Cell(cell.a, cell.b, cell.c, periodicity: periodicity)
    } else if let periodicity {
      structure.cell = structure.cell.with(periodicity: periodicity.value)
    }
    if tagsByHeight { structure.tags = try HeightTags(of: structure).tags }
    if !fixed.isEmpty {
      // `none` says that what the file holds is not meant.
      var freedoms =
        fixed.contains(where: \.isNone)
        ? [Freedom](repeating: .free, count: structure.count) : structure.freedoms
      for filter in fixed {
        for atom in try filter.atoms(of: structure) { freedoms[atom] = .fixed }
      }
      let isWhole = freedoms.allSatisfy { $0 == .free || $0 == .fixed }
      structure.moveMask =
        isWhole
        ? MoveMask(free: freedoms.map { $0 == .free }) : MoveMask(components: freedoms)
    }
    return structure
  }

  /// All of it in one text, from which it could be told again.
  public var recorded: String {
    var parts: [String] = []
    if let cell { parts.append("cell=\(cell.description)") }
    if let periodicity { parts.append("pbc=\(periodicity.description)") }
    parts += fixed.map { "fix=\($0.description)" }
    if tagsByHeight { parts.append("tags=height") }
    return parts.joined(separator: " ")
  }
}

/// A cell as text: `a,b,c` for a box, with three angles behind them (°), or all nine components of the vectors (Å).
public struct CellText: Hashable, Sendable, CustomStringConvertible {
  /// The vectors.
  public let a: Vector3, b: Vector3, c: Vector3

  /// Nil for anything else, and for vectors that span no volume.
  public init?(_ text: String) {
    let words = text.split { $0 == "," || $0.isWhitespace }
    let numbers = words.compactMap { Double($0) }.filter(\.isFinite)
    guard numbers.count == words.count else { return nil }
    switch numbers.count {
    case 3:
      (a, b, c) = (Vector3(numbers[0], 0, 0), Vector3(0, numbers[1], 0), Vector3(0, 0, numbers[2]))
    case 6:
      guard let vectors = Cell.vectors(lengths: numbers[..<3], angles: numbers[3...]) else {
        return nil
      }
      (a, b, c) = vectors
    case 9:
      func vector(_ k: Int) -> Vector3 { Vector3(numbers[k], numbers[k + 1], numbers[k + 2]) }
      (a, b, c) = (vector(0), vector(3), vector(6))
    default: return nil
    }
    guard Cell(a, b, c).defect == nil else { return nil }
  }

  /// All nine components.
  public var description: String {
    [a, b, c].flatMap { ["\($0.x)", "\($0.y)", "\($0.z)"] }.joined(separator: ",")
  }
}

/// The axes that repeat as text: `TTF`, `T,T,F` or `T T F`.
public struct PeriodicityText: Hashable, Sendable, CustomStringConvertible {
  /// The axes.
  public let value: Periodicity

  /// Nil for anything else.
  public init?(_ text: String) {
    let letters = text.uppercased().filter { $0 != "," && !$0.isWhitespace }
    guard letters.count == 3, letters.allSatisfy({ $0 == "T" || $0 == "F" }) else { return nil }
    let flags = letters.map { $0 == "T" }
    value = Periodicity(flags[0], flags[1], flags[2])
  }

  /// `TTF`.
  public var description: String { (0..<3).map { value[$0] ? "T" : "F" }.joined() }
}
