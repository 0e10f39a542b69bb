// SPDX-License-Identifier: MIT

import Files
import Structures

/// Keeps only frames whose entry `key` reads `value`.
public struct FrameFilter: Hashable, Sendable, CustomStringConvertible {
  /// Name of the entry on the comment line.
  public var key: String
  /// What it must be, without quotes.
  public var value: String

  /// From `KEY=VALUE`; nil without a key or without the sign.
  public init?(_ text: String) {
    // An accent at the beginning of a value would be one character with the sign before it.
    let scalars = text.unicodeScalars
    guard let sign = scalars.firstIndex(of: "="), sign != text.startIndex else { return nil }
    key = String(text[..<sign])
    value = String(text[scalars.index(after: sign)...])
  }

  /// Whether the structure has the entry with that value.
  public func accepts(_ structure: Structure) -> Bool {
    structure.attribute(key)?.unquoted == value
  }

  /// `KEY=VALUE`, each in quotes if it could be taken for something else: several filters with blanks
  /// between them are still told apart.
  public var description: String { "\(FrameFilter.word(key))=\(FrameFilter.word(value))" }

  private static func word(_ text: String) -> String {
    let isPlain =
      !text.isEmpty
      && text.utf8.allSatisfy { $0 > 32 && $0 != 127 && $0 != UInt8(ascii: "\"") }
    return isPlain ? text : JSONText.string(text).text(.oneLine)
  }
}

extension [FrameFilter] {
  /// Whether `structure` passes all of them.
  public func accept(_ structure: Structure) -> Bool { allSatisfy { $0.accepts(structure) } }

  /// All of them in one text, from which they could be told again.
  public var recorded: String { map(\.description).joined(separator: " ") }
}
