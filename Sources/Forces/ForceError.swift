// SPDX-License-Identifier: MIT

import Structures

/// Why a provider will not evaluate.
public enum ForceError: Error, Equatable, CustomStringConvertible {
  /// The structure holds elements that the provider has no parameters for.
  case unknownElements([Element], provider: String, known: [Element])
  /// The structure holds elements that a network could be evaluated for, but was not trained on.
  case untrainedElements([Element], provider: String, trained: [Element])
  /// A provider was named or parametrised wrongly.
  case badSpecification(String, reason: String)
  /// Nothing can be computed for such a cell or such positions.
  case impossibleGeometry(String)
  /// The structure has more neighbours within the provider's cutoff (Å) than a list may hold.
  case tooManyPairs(expected: Double, most: Double, cutoff: Double, provider: String)
  /// The provider has no answer, and would have none the next time either.
  case failed(String)
  /// The provider has no answer now but may have one later: a program died, a licence was missing.
  case unavailable(String)
  /// The evaluation was asked to stop.
  case cancelled

  /// Whether it is worth trying the same again.
  public enum Persistence: Hashable, Sendable {
    /// The same question will get the same answer.
    case forGood
    /// It may not.
    case forNow
  }

  /// Whether it is worth trying the same again.
  public var persistence: Persistence {
    switch self {
    case .unavailable, .cancelled: .forNow
    case .unknownElements, .untrainedElements, .badSpecification, .impossibleGeometry,
      .tooManyPairs, .failed:
      .forGood
    }
  }

  /// What the provider refuses, and what it takes.
  public var description: String {
    switch self {
    case .unknownElements(let elements, let provider, let known):
      return "\(provider) has no parameters for \(names(elements)) "
        + "(it knows \(known.map(\.symbol).joined(separator: " ")))"
    case .untrainedElements(let elements, let provider, let trained):
      return "\(provider) was not trained on \(names(elements)), only on "
        + "\(trained.map(\.symbol).joined(separator: " ")); to have its guess "
        + "all the same, add elements=any to the provider"
    case .badSpecification(let specification, let reason):
      return "provider `\(specification)`: \(reason)"
    case .impossibleGeometry(let reason): return reason
    case .tooManyPairs(let expected, let most, let cutoff, let provider):
      return
        "\(provider) would take about \(rounded(expected)) pairs of atoms within its cutoff of "
        + "\(cutoff) Å; at most \(rounded(most)) are possible for this structure: use a shorter "
        + "cutoff"
    case .failed(let reason): return reason
    case .unavailable(let reason): return "\(reason) (another try may succeed)"
    case .cancelled: return "the evaluation was stopped"
    }
  }

  private func names(_ elements: [Element]) -> String {
    elements.map(\.symbol).joined(separator: ", ")
  }

  /// Two digits and a power of ten.
  private func rounded(_ number: Double) -> String {
    guard number.isFinite, number >= 1e6 else { return "\(number)" }
    var (mantissa, exponent) = (number, 0)
    while mantissa >= 10 { (mantissa, exponent) = (mantissa / 10, exponent + 1) }
    return "\((mantissa * 10).rounded() / 10)e\(exponent)"
  }
}
