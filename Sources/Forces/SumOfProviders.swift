// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// The sum of several providers: energies and forces add up.
///
/// It knows the elements that all its terms know, and has an energy if all of them have one.
public struct SumOfProviders: ForceProvider {
  /// The terms, none of which is a sum itself.
  public let terms: [any ForceProvider]

  /// The sum of `terms`, sums among them taken apart.
  public init(_ terms: [any ForceProvider]) {
    precondition(!terms.isEmpty, "a sum of no providers")
    self.terms = terms.flatMap { ($0 as? SumOfProviders)?.terms ?? [$0] }
  }

  /// Effective medium theory with bonds that hold adsorbates together, `emt-morse`.
  public static func effectiveMediumWithBonds(kernels: KernelSet = .preferred) -> SumOfProviders {
    SumOfProviders([EffectiveMediumTheory(kernels: kernels), MorseBonds(kernels: kernels)])
  }

  /// The terms' specifications joined by `+`; `emt-morse` for the sum of these two.
  public var specification: String { joined(terms.map(\.specification)) }

  /// The terms' identities joined as their specifications are.
  public var identity: String { joined(terms.map(\.identity)) }

  private func joined(_ texts: [String]) -> String {
    let sum = texts.joined(separator: "+")
    return sum == "emt+morse" ? "emt-morse" : sum
  }

  /// Whether the forces of all terms are gradients: a sum with one that is not has no energy whose
  /// gradient its forces are.
  public var isConservative: Bool { terms.allSatisfy(\.isConservative) }

  /// Those of the term with most: terms are evaluated one after another.
  public var threadsPerStructure: Int { terms.map(\.threadsPerStructure).max() ?? 1 }

  /// The elements that all terms know; nil if all take any.
  public var knownElements: Set<Element>? {
    terms.reduce(nil) { known, term in
      guard let known else { return term.knownElements }
      return term.knownElements.map(known.intersection) ?? known
    }
  }

  /// Prepares evaluations by every term.
  ///
  /// - Throws: `ForceError.unknownElements`, and what the terms throw.
  public func makeEvaluator(for structure: Structure) throws -> any Evaluator {
    try requireKnownElements(of: structure)
    return SumEvaluator(try terms.map { try $0.makeEvaluator(for: structure) }, structure.count)
  }
}

/// The evaluators of all terms.
struct SumEvaluator: Evaluator {
  private var terms: [any Evaluator]
  private var forcesOfTerm: [Vector3]

  init(_ terms: [any Evaluator], _ count: Int) {
    self.terms = terms
    forcesOfTerm = Array(repeating: .zero, count: count)
  }

  var leavesOutFixedAtoms: Bool { terms.contains { $0.leavesOutFixedAtoms } }

  mutating func evaluate(_ positions: [Vector3], forces: inout [Vector3]) throws -> Double? {
    try sum(&forces) { try $0.evaluate(positions, forces: &$1) }
  }

  mutating func evaluateFreeAtoms(_ positions: [Vector3], forces: inout [Vector3]) throws
    -> Double?
  {
    try sum(&forces) { try $0.evaluateFreeAtoms(positions, forces: &$1) }
  }

  private mutating func sum(
    _ forces: inout [Vector3],
    _ evaluate: (inout any Evaluator, inout [Vector3]) throws -> Double?
  ) throws -> Double? {
    var energy = try evaluate(&terms[0], &forces)
    for index in terms.indices.dropFirst() {
      let term = try evaluate(&terms[index], &forcesOfTerm)
      for atom in forces.indices { forces[atom] += forcesOfTerm[atom] }
      if let sum = energy, let term { energy = sum + term } else { energy = nil }
    }
    return energy
  }
}
