// SPDX-License-Identifier: MIT

import RelaxNumerics

/// How providers are named: `NAME[:key=value,…]`, several joined by `+` for their sum.
///
/// A specification is text taken apart; what its names and keys mean is for a `ProviderCatalog` to
/// say. Values may hold anything but commas, so a file's name with `=` or `+` in it is one; only a
/// plus sign that the whole name of a provider follows begins another term.
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

  /// `key=value`.
  public struct Parameter: Hashable, Sendable {
    /// What stands before the equals sign.
    public var key: String
    /// What stands after it.
    public var value: String
  }

  /// The terms of the sum; one unless there is a `+`.
  public let terms: [Term]
  /// The specification as written.
  public let text: String

  /// Takes a specification apart.
  ///
  /// - Parameter names: the providers there are.
  /// - Throws: `ForceError.badSpecification` for an empty name, a parameter without `=`, an empty key
  ///   or value, or a key given twice.
  public init(parsing text: String, names: [String]) throws(ForceError) {
    self.text = text
    var terms: [Term] = []
    for part in Self.summands(of: text, names) { terms.append(try Self.term(String(part), names)) }
    self.terms = terms
  }

  /// Parts between plus signs.
  ///
  /// Within parameters (`1e+3`, a file's name) one separates only if a provider's name follows.
  private static func summands(of text: String, _ names: [String]) -> [Substring] {
    var parts: [Substring] = []
    var start = text.startIndex
    for index in text.indices where text[index] == "+" {
      let next = text.index(after: index)
      let name = text[next...].prefix { $0 != ":" && $0 != "+" }
      guard !text[start..<index].contains(":") || names.contains(String(name)) else { continue }
      parts.append(text[start..<index])
      start = next
    }
    return parts + [text[start...]]
  }

  private static func term(_ text: String, _ names: [String]) throws(ForceError) -> Term {
    func refuse(_ reason: String) -> ForceError { .badSpecification(text, reason: reason) }
    let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(halves[0])
    guard !name.isEmpty else {
      throw refuse("the name is missing; possible are \(Spelling.list(names))")
    }
    var parameters: [Parameter] = []
    if halves.count == 2 {
      for item in halves[1].split(separator: ",", omittingEmptySubsequences: false) {
        let sides = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2, !sides[0].isEmpty else {
          throw refuse(
            item.isEmpty
              ? "a parameter is missing after the \(parameters.isEmpty ? "colon" : "comma")"
              : "`\(item)` is not of the form key=value")
        }
        let key = String(sides[0])
        guard !sides[1].isEmpty else { throw refuse("\(key) has no value") }
        guard !parameters.contains(where: { $0.key == key }) else {
          throw refuse("\(key) is given twice")
        }
        parameters.append(Parameter(key: key, value: String(sides[1])))
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
