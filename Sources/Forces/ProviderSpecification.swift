// SPDX-License-Identifier: MIT

/// How providers are named: `NAME[:key=value,…]`, several joined by `+` for their sum.
///
/// | name | parameters |
/// | --- | --- |
/// | `emt` | none |
/// | `emt-morse` | none; short for `emt+morse` |
/// | `lj` | `sigma` (Å, 1), `epsilon` (eV, 1), `cutoff` (Å, 3 sigma), `onset` (Å, none) |
/// | `morse` | none |
///
/// Every provider's `specification` is written in this form, and parses to an equal provider.
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

  /// Takes a specification apart; what names and keys mean is not looked at.
  ///
  /// - Throws: `ForceError.badSpecification` for an empty name, a parameter without `=`, an empty key
  ///   or value, or a key given twice.
  public init(parsing text: String) throws(ForceError) {
    self.text = text
    var terms: [Term] = []
    for part in Self.summands(of: text) { terms.append(try Self.term(String(part))) }
    self.terms = terms
  }

  /// Names that can be given, in alphabetical order.
  public static var names: [String] { Kind.allCases.map(\.rawValue).sorted() }

  /// The provider that `text` specifies.
  ///
  /// - Throws: `ForceError.badSpecification`, saying what was wrong and what is possible.
  public static func provider(_ text: String) throws(ForceError) -> any ForceProvider {
    try ProviderSpecification(parsing: text).makeProvider()
  }

  /// The provider that is specified.
  ///
  /// - Throws: `ForceError.badSpecification` for unknown names and keys and for bad values.
  public func makeProvider() throws(ForceError) -> any ForceProvider {
    var providers: [any ForceProvider] = []
    for term in terms { providers.append(try Self.provider(of: term)) }
    return providers.count == 1 ? providers[0] : SumOfProviders(providers)
  }

  // MARK: Taking apart

  /// Parts between plus signs.
  ///
  /// Within parameters (`1e+3`, a file's name) one separates only if a provider's name follows.
  private static func summands(of text: String) -> [Substring] {
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

  private static func term(_ text: String) throws(ForceError) -> Term {
    func refuse(_ reason: String) -> ForceError { .badSpecification(text, reason: reason) }
    let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
    let name = String(halves[0])
    guard !name.isEmpty else {
      throw refuse("the name is missing; possible are \(list(names))")
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

  // MARK: Making providers

  /// What can be named.
  private enum Kind: String, CaseIterable {
    case emt
    case emtMorse = "emt-morse"
    case lj
    case morse

    var keys: [String] {
      switch self {
      case .emt, .emtMorse, .morse: []
      case .lj: ["sigma", "epsilon", "cutoff", "onset"]
      }
    }
  }

  private static func provider(of term: Term) throws(ForceError) -> any ForceProvider {
    func refuse(_ reason: String) -> ForceError { .badSpecification(term.text, reason: reason) }
    guard let kind = Kind(rawValue: term.name) else {
      throw refuse("there is no provider `\(term.name)`" + hint(term.name, names))
    }
    for parameter in term.parameters where !kind.keys.contains(parameter.key) {
      throw refuse(
        kind.keys.isEmpty
          ? "\(kind.rawValue) takes no parameters, but \(parameter.key) is given"
          : "\(kind.rawValue) has no parameter `\(parameter.key)`" + hint(parameter.key, kind.keys))
    }
    func number(_ key: String) throws(ForceError) -> Double? {
      guard let text = term.parameters.first(where: { $0.key == key })?.value else { return nil }
      // Double(_:) also takes hexadecimal numbers and infinities, which here are typing errors.
      guard let value = Double(text), value.isFinite, text.allSatisfy(\.isNumberCharacter) else {
        throw refuse("\(key) must be a number, not `\(text)`")
      }
      return value
    }
    switch kind {
    case .emt: return EffectiveMediumTheory()
    case .emtMorse: return SumOfProviders.effectiveMediumWithBonds
    case .morse: return MorseBonds()
    case .lj:
      return try LennardJones(
        sigma: try number("sigma") ?? 1, epsilon: try number("epsilon") ?? 1,
        cutoff: try number("cutoff"), onset: try number("onset"))
    }
  }

  // MARK: Advice

  /// What can be written instead of `word`, the nearest first if there is a near one.
  private static func hint(_ word: String, _ candidates: [String]) -> String {
    let near = candidates.map { ($0, editDistance(word.lowercased(), $0)) }
      .filter { $0.1 <= max(1, $0.0.count / 3) }
      .min { $0.1 < $1.1 }
    guard let near else { return "; possible are \(list(candidates))" }
    return "; did you mean `\(near.0)`? Possible are \(list(candidates))"
  }

  private static func list(_ words: [String]) -> String { words.joined(separator: ", ") }

  /// Letters to insert, delete, replace or swap with their neighbour to get from `a` to `b`.
  private static func editDistance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    var table = [[Int]](repeating: Array(0...b.count), count: a.count + 1)
    for i in 0...a.count {
      table[i][0] = i
      guard i > 0 else { continue }
      for j in 1..<(b.count + 1) {
        var best = min(table[i - 1][j], table[i][j - 1]) + 1
        best = min(best, table[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1))
        if i > 1, j > 1, a[i - 1] == b[j - 2], a[i - 2] == b[j - 1] {
          best = min(best, table[i - 2][j - 2] + 1)
        }
        table[i][j] = best
      }
    }
    return table[a.count][b.count]
  }
}

extension Character {
  /// Whether it can stand in a decimal number.
  fileprivate var isNumberCharacter: Bool { isASCII && (isWholeNumber || "+-.eE".contains(self)) }
}
