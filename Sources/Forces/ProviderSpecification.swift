// SPDX-License-Identifier: MIT

import CLibrary
import RelaxNumerics

/// How providers are named: `NAME[:key=value,…]`, several joined by `+` for their sum.
///
/// A specification is text taken apart; what its names and keys mean is for a `ProviderCatalog` to
/// say. A value may hold anything but commas, so a file's name with `=` or `+` in it is one; only a
/// plus sign that the whole name of a provider follows begins another term. In quotation marks a value
/// may hold commas and such signs, too: `model="a,b.safetensors"`; there, a backslash takes the next
/// character as it is.
public struct ProviderSpecification: Hashable, Sendable {
  /// A name and its parameters.
  public struct Term: Hashable, Sendable {
    /// What stands before the colon.
    public var name: String
    /// Keys and values as written, in their order.
    public var parameters: [Parameter]
    /// The term as written.
    public var text: String
  }

  /// `key=value` after a provider's name; the value's text as it was given.
  public struct Parameter: Hashable, Sendable {
    /// What stands before the equals sign.
    public var key: String
    /// What stands after it, without quotation marks.
    public var value: String
  }

  /// The terms of the sum; one unless there is a `+`.
  public let terms: [Term]
  /// The specification as written.
  public let text: String

  /// Takes a specification apart.
  ///
  /// - Parameters:
  ///   - text: the specification.
  ///   - keys: the providers there are, with the keys that each takes, the most important first.
  /// - Throws: `ForceError.badSpecification` for an empty name, a parameter without `=`, an empty key
  ///   or value, or a key given twice.
  public init(parsing text: String, keys: [String: [String]]) throws(ForceError) {
    self.text = text
    let names = keys.keys.sorted()
    var terms: [Term] = []
    for part in Self.summands(of: text, names) { terms.append(try Self.term(String(part), keys)) }
    self.terms = terms
  }

  /// Parts between plus signs.
  ///
  /// Within parameters (`1e+3`, a file's name) one separates only if a provider's name follows.
  private static func summands(of text: String, _ names: [String]) -> [Substring] {
    var parts: [Substring] = []
    var start = text.startIndex
    for index in unquotedIndices(of: text[...]) where text.utf8[index] == UInt8(ascii: "+") {
      let next = text.utf8.index(after: index)
      let end = text.utf8[next...].firstIndex {
        [UInt8(ascii: ":"), UInt8(ascii: "+")].contains($0)
      }
      let name = text[next..<(end ?? text.endIndex)]
      let hasColon = text.utf8[start..<index].contains(UInt8(ascii: ":"))
      guard !hasColon || names.contains(String(name)) else { continue }
      parts.append(text[start..<index])
      start = next
    }
    return parts + [text[start...]]
  }

  /// Indices of what stands outside quotation marks, which open behind an equals sign only: elsewhere
  /// they are part of a file's name.
  ///
  /// Looked for byte by byte: an accent at the beginning of a name would else be one character with the sign
  /// before it.
  private static func unquotedIndices(of text: Substring) -> [Substring.Index] {
    var indices: [Substring.Index] = []
    var (isQuoted, isEscaped) = (false, false)
    var before: UInt8?
    for index in text.utf8.indices {
      let byte = text.utf8[index]
      if isQuoted {
        if !isEscaped && byte == UInt8(ascii: "\"") { isQuoted = false }
        isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
      } else {
        isQuoted = byte == UInt8(ascii: "\"") && before == UInt8(ascii: "=")
        indices.append(index)
      }
      before = byte
    }
    return indices
  }

  /// Parts between commas outside quotation marks.
  private static func items(of text: Substring) -> [Substring] {
    var items: [Substring] = []
    var start = text.startIndex
    for index in unquotedIndices(of: text) where text.utf8[index] == UInt8(ascii: ",") {
      items.append(text[start..<index])
      start = text.utf8.index(after: index)
    }
    return items + [text[start...]]
  }

  /// `value` as a specification has it: in quotation marks where it needs them.
  public static func quoted(_ value: String) -> String {
    // A plus sign matters only where what follows it could be the name of a provider.
    let parts = value.utf8.split(separator: UInt8(ascii: "+"), omittingEmptySubsequences: false)
    let mayNameAnother = parts.dropFirst().contains { part in
      part.prefix { $0 != UInt8(ascii: ":") }.allSatisfy { byte in
        let scalar = UnicodeScalar(byte)
        return scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || scalar == "-"
      }
    }
    guard mayNameAnother || value.utf8.contains(where: { ",\"".utf8.contains($0) }) else {
      return value
    }
    var quoted = "\"".unicodeScalars
    for scalar in value.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { quoted.append("\\") }
      quoted.append(scalar)
    }
    return String(quoted) + "\""
  }

  /// The value that `text` stands for; nil if it begins with a quotation mark that does not end it.
  private static func value(_ text: Substring) -> String? {
    let scalars = text.unicodeScalars
    guard scalars.first == "\"" else { return String(text) }
    var value = "".unicodeScalars
    var isEscaped = false
    for index in scalars.indices.dropFirst() {
      let scalar = scalars[index]
      if !isEscaped && scalar == "\"" {
        return scalars.index(after: index) == scalars.endIndex ? String(value) : nil
      }
      if !isEscaped && scalar == "\\" {
        isEscaped = true
        continue
      }
      value.append(scalar)
      isEscaped = false
    }
    return nil
  }

  /// What stands before and after the first `sign`; all of it if there is none.
  private static func halves(of text: Substring, at sign: UnicodeScalar) -> [Substring] {
    guard let place = text.unicodeScalars.firstIndex(of: sign) else { return [text] }
    return [text[..<place], text[text.unicodeScalars.index(after: place)...]]
  }

  private static func term(_ text: String, _ keys: [String: [String]]) throws(ForceError) -> Term {
    func refuse(_ reason: String) -> ForceError { .badSpecification(text, reason: reason) }
    let halves = Self.halves(of: text[...], at: ":")
    let name = String(halves[0])
    guard !name.isEmpty else {
      throw refuse("the name is missing; possible are \(Spelling.list(keys.keys.sorted()))")
    }
    var parameters: [Parameter] = []
    if halves.count == 2 {
      for item in items(of: halves[1]) {
        let sides = Self.halves(of: item, at: "=")
        guard sides.count == 2, !sides[0].isEmpty else {
          throw refuse(
            item.isEmpty
              ? "a parameter is missing after the \(parameters.isEmpty ? "colon" : "comma")"
              : "`\(item)` is not of the form key=value"
                + (keys[name]?.first.map { "; is \(name):\($0)=\(item) meant?" } ?? ""))
        }
        let key = String(sides[0])
        guard let value = value(sides[1]) else {
          throw refuse("the quotation mark before the value of \(key) is not closed at its end")
        }
        guard !value.isEmpty else { throw refuse("\(key) has no value") }
        guard !parameters.contains(where: { $0.key == key }) else {
          throw refuse("\(key) is given twice")
        }
        parameters.append(Parameter(key: key, value: value))
      }
    }
    return Term(name: name, parameters: parameters, text: text)
  }
}

// MARK: - What parameters say

extension ProviderSpecification.Term {
  /// An error that quotes the term.
  public func refusal(_ reason: String) -> ForceError { .badSpecification(text, reason: reason) }

  /// The value of `key` as written, if it is given.
  public func value(_ key: String) -> String? { parameters.first { $0.key == key }?.value }

  /// The path that `key` is; `~` at its beginning is the home folder.
  public func path(_ key: String) throws(ForceError) -> String? {
    guard let path = value(key), path == "~" || path.hasPrefix("~/") else { return value(key) }
    guard let home = getenv("HOME"), home.pointee != 0 else {
      throw refusal("\(key) begins with ~, but HOME is not set; write the folder in full")
    }
    return String(cString: home) + path.dropFirst()
  }

  /// A finite number in decimal digits, if `key` is given.
  public func number(_ key: String) throws(ForceError) -> Double? {
    guard let text = value(key) else { return nil }
    // Double(_:) also takes hexadecimal numbers and infinities, which here are typing errors.
    guard let value = Double(text), value.isFinite, text.allSatisfy(\.isNumberCharacter) else {
      throw refusal("\(key) must be a number, not `\(text)`")
    }
    return value
  }

  /// A whole number within `range`, if `key` is given.
  public func count(_ key: String, in range: ClosedRange<Int>) throws(ForceError) -> Int? {
    guard let text = value(key) else { return nil }
    guard let value = Int(text), range.contains(value) else {
      throw refusal(
        "\(key) must be a whole number from \(range.lowerBound) to \(range.upperBound), "
          + "not `\(text)`")
    }
    return value
  }

  /// `on` or `off`, if `key` is given.
  public func flag(_ key: String) throws(ForceError) -> Bool? {
    switch value(key) {
    case nil: return nil
    case "on": return true
    case "off": return false
    case .some(let text): throw refusal("\(key) must be on or off, not `\(text)`")
    }
  }
}

extension Character {
  /// Whether it can stand in a decimal number.
  fileprivate var isNumberCharacter: Bool { isASCII && (isWholeNumber || "+-.eE".contains(self)) }
}
