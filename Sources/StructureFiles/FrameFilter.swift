// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics
import Structures

/// Keeps only frames of which something holds: `role=initial`, `natoms<100`, `energy<=-3`, `elements=Cu,O`, `fid=last`.
public struct FrameFilter: Hashable, Sendable, CustomStringConvertible {
  /// How values are compared.
  public enum Comparison: String, Hashable, Sendable, CaseIterable {
    // The longer signs first, so that they are found first.
    case lessOrEqual = "<="
    case greaterOrEqual = ">="
    case less = "<"
    case greater = ">"
    case equal = "="

    func holds(_ a: Double, _ b: Double) -> Bool {
      switch self {
      case .lessOrEqual: a <= b
      case .greaterOrEqual: a >= b
      case .less: a < b
      case .greater: a > b
      case .equal: a == b
      }
    }
  }

  /// Name of an entry, or `natoms`, `energy` (eV) or `elements`.
  public var key: String
  /// How it is compared.
  public var comparison: Comparison
  /// What it is compared with, without quotes.
  public var value: String

  /// Which elements may occur, if that is what is asked.
  private var elements: Set<Element>?

  /// From `KEY=VALUE` or with another sign; nil without a key or a sign, with anything but a number behind `<` or `>`,
  /// or with `elements` that are none.
  public init?(_ text: String) {
    // An accent at the beginning of a value would be one character with the sign before it.
    let scalars = text.unicodeScalars
    guard let sign = scalars.firstIndex(where: { "<>=".unicodeScalars.contains($0) }),
      sign != text.startIndex
    else { return nil }
    let rest = scalars[sign...]
    let found = Comparison.allCases.first { rest.starts(with: $0.rawValue.unicodeScalars) }
    guard let comparison = found else { return nil }
    key = String(text[..<sign])
    self.comparison = comparison
    value = String(rest.dropFirst(comparison.rawValue.unicodeScalars.count))
    let needsNumber = comparison != .equal || key == "natoms" || key == "energy"
    if needsNumber, FrameFilter.number(value) == nil { return nil }
    if key == "elements" {
      let names = value.split(separator: ",", omittingEmptySubsequences: false)
      let elements = names.compactMap { Element(symbol: String($0)) }
      guard comparison == .equal, elements.count == names.count else { return nil }
      self.elements = Set(elements)
    }
  }

  /// Whether it asks for the last frame of each structure, which no frame shows by itself.
  var isForLast: Bool { key == "fid" && comparison == .equal && value == "last" }

  /// Whether it holds of the structure.
  public func accepts(_ structure: Structure) -> Bool {
    if isForLast { return true }
    if let elements { return structure.elements.allSatisfy(elements.contains) }
    let wanted = FrameFilter.number(value)
    switch key {
    case "natoms": return comparison.holds(Double(structure.count), wanted ?? .nan)
    case "energy":
      return structure.energy.map { comparison.holds($0, wanted ?? .nan) } ?? false
    default:
      guard let text = structure.attribute(key)?.unquoted else { return false }
      if comparison == .equal, text == value { return true }
      guard let number = FrameFilter.number(text), let wanted else { return false }
      // Ids of digits are texts: 007 is not 7.
      return comparison.holds(number, wanted)
        && (comparison != .equal || FrameFilter.isPlain(text, value))
    }
  }

  /// Whether neither is written as ids are, with zeros in front.
  private static func isPlain(_ texts: String...) -> Bool {
    texts.allSatisfy { text in
      let digits = text.drop { $0 == "-" || $0 == "+" }
      return !(digits.hasPrefix("0") && digits.dropFirst().first?.isNumber == true)
    }
  }

  private static func number(_ text: String) -> Double? {
    let bytes = Array(text.utf8)
    return try? NumberText.double(in: bytes, 0..<bytes.count)
  }

  /// `KEY=VALUE`, each in quotes if it could be taken for something else: several filters with blanks
  /// between them are still told apart.
  public var description: String {
    FrameFilter.word(key) + comparison.rawValue + FrameFilter.word(value)
  }

  private static func word(_ text: String) -> String {
    let isPlain =
      !text.isEmpty
      && text.utf8.allSatisfy { $0 > 32 && $0 != 127 && $0 != UInt8(ascii: "\"") }
    return isPlain ? text : JSONText.string(text).text(.oneLine)
  }
}

extension [FrameFilter] {
  /// Whether `structure` passes all of them, as far as it shows by itself.
  public func accept(_ structure: Structure) -> Bool { allSatisfy { $0.accepts(structure) } }

  /// All of them in one text, from which they could be told again.
  public var recorded: String { map(\.description).joined(separator: " ") }
}

/// Lets through what filters accept; where only the last frame of each structure is wanted, one is held back until
/// the next shows that it is the last.
///
/// Frames that follow each other under one `sid` or `id` are of one structure, and so are all of a file that has none.
struct FrameGate<Item> {
  private let filters: [FrameFilter]
  private let wantsLast: Bool
  private var held: (item: Item, structure: Structure)?

  init(_ filters: [FrameFilter]) {
    self.filters = filters
    wantsLast = filters.contains(where: \.isForLast)
  }

  /// Takes the next item.
  ///
  /// - Returns: what may go on now: that item, or one that was held back; nil for none.
  mutating func enter(_ item: Item, _ structure: Structure) -> Item? {
    guard wantsLast else { return filters.accept(structure) ? item : nil }
    let before = held
    held = (item, structure)
    guard let before, before.structure.identifier != structure.identifier else { return nil }
    return filters.accept(before.structure) ? before.item : nil
  }

  /// What was held back, at the end of a file.
  mutating func end() -> Item? {
    defer { held = nil }
    return held.flatMap { filters.accept($0.structure) ? $0.item : nil }
  }
}
