// SPDX-License-Identifier: MIT

import Files
import Structures

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
