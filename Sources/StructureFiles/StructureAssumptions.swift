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

/// Chooses atoms of a structure: `z<5` (x, y or z in Å, also with `<=`, `>`, `>=`), `tags=0,1`, `elements=Cu,O` or `none`.
public struct AtomFilter: Hashable, Sendable, CustomStringConvertible {
  private enum Condition: Hashable {
    case none
    case coordinate(Int, FrameFilter.Comparison, Double)
    case tags(Set<Int>)
    case elements(Set<Element>)
  }

  /// Whether it chooses no atom at all.
  var isNone: Bool { condition == .none }

  /// As it was written.
  public let description: String
  private let condition: Condition

  /// Nil for anything else.
  public init?(_ text: String) {
    description = text
    guard text != "none" else {
      condition = .none
      return
    }
    guard let sign = text.firstIndex(where: { "<>=".contains($0) }) else { return nil }
    let (key, rest) = (text[..<sign], text[sign...])
    guard
      let comparison = FrameFilter.Comparison.allCases.first(where: { rest.hasPrefix($0.rawValue) })
    else { return nil }
    let value = rest.dropFirst(comparison.rawValue.count)
    let words = value.split(separator: ",", omittingEmptySubsequences: false)
    switch key {
    case "x", "y", "z":
      guard comparison != .equal, let number = Double(value), number.isFinite else { return nil }
      condition = .coordinate(key == "x" ? 0 : key == "y" ? 1 : 2, comparison, number)
    case "tags":
      let tags = words.compactMap { Int($0) }
      guard comparison == .equal, tags.count == words.count else { return nil }
      condition = .tags(Set(tags))
    case "elements":
      let elements = words.compactMap { Element(symbol: String($0)) }
      guard comparison == .equal, elements.count == words.count else { return nil }
      condition = .elements(Set(elements))
    default: return nil
    }
  }

  /// The atoms that it chooses.
  ///
  /// - Throws: if it asks for tags where there are none.
  func atoms(of structure: Structure) throws(DataError) -> [Int] {
    switch condition {
    case .none: return []
    case .coordinate(let axis, let comparison, let limit):
      return structure.positions.indices.filter {
        comparison.holds(structure.positions[$0][axis], limit)
      }
    case .tags(let wanted):
      guard let tags = structure.tags else {
        throw DataError(
          "it has no tags, which --fix \(description) goes by; --fix 'z<5' goes by height, and --tag-by-height makes tags"
        )
      }
      if let tag = tags.max(), tag > 2 {
        throw DataError(
          "its tags go up to \(tag): ASE counts layers so, from 1 at the top, but --fix tags goes by OC20's (0 below the "
            + "surface, 1 surface, 2 adsorbate); --tag-by-height makes these, and --fix 'z<5' goes by height"
        )
      }
      return tags.indices.filter { wanted.contains(tags[$0]) }
    case .elements(let wanted):
      return structure.elements.indices.filter { wanted.contains(structure.elements[$0]) }
    }
  }
}

/// Tags as OC20 has them, told by height: 2 for the adsorbate, 1 for the highest layer of the slab, 0 for what lies
/// below.
///
/// The slab are the metals, and the adsorbate are the other atoms, which must not lie below its highest layer. A layer consists of atoms that follow each other in steps below 0.5 Å. Heights count along z from the
/// middle of the vacuum on, so that a slab may be wrapped around the cell.
struct HeightTags {
  let tags: [Int]

  private static let nonmetals: Set<String> = [
    "H", "He", "B", "C", "N", "O", "F", "Ne", "Si", "P", "S", "Cl", "Ar", "As", "Se", "Br", "Kr",
    "Te", "I", "Xe",
  ]
  /// Steps in height up to this are within a layer, Å.
  private static let step = 0.5

  /// - Throws: for compounds, and where there is no metal: their adsorbates cannot be told by height.
  init(of structure: Structure) throws(DataError) {
    let heights = HeightTags.heights(of: structure)
    let metals = heights.indices.filter {
      !HeightTags.nonmetals.contains(structure.elements[$0].symbol)
    }
    guard !metals.isEmpty else {
      throw DataError("it has no metal atoms: its slab and adsorbate cannot be told by height")
    }
    let order = metals.sorted { heights[$0] > heights[$1] }
    var top = 1
    while top < order.count, heights[order[top - 1]] - heights[order[top]] < HeightTags.step {
      top += 1
    }
    var tags = [Int](repeating: 2, count: heights.count)
    for atom in metals { tags[atom] = 0 }
    for atom in order[..<top] { tags[atom] = 1 }
    // An adsorbate may sink into a hollow, but not below the layer.
    let ground = heights[order[top - 1]] - HeightTags.step
    if let atom = tags.indices.first(where: { tags[$0] == 2 && heights[$0] < ground }) {
      throw DataError(
        "its atom \(atom + 1) (\(structure.elements[atom])) lies within the slab: of a compound, slab and adsorbate "
          + "cannot be told by height")
    }
    self.tags = tags
  }

  private static func heights(of structure: Structure) -> [Double] {
    let cell = structure.cell
    let plain = structure.positions.map(\.z)
    guard cell.periodicity.c, cell.c.z != 0 else { return plain }
    let period = abs(cell.c.z)
    func wrapped(_ height: Double) -> Double {
      let rest = height.truncatingRemainder(dividingBy: period)
      return rest < 0 ? rest + period : rest
    }
    let sorted = plain.map(wrapped).sorted()
    guard let first = sorted.first, let last = sorted.last else { return plain }
    var (gap, start) = (first + period - last, first)
    for (low, high) in zip(sorted, sorted.dropFirst()) where high - low > gap {
      (gap, start) = (high - low, high)
    }
    return plain.map { wrapped($0 - start + gap / 2) }
  }
}
