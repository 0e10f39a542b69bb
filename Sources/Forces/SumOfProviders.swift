// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// The sum of several providers: energies, forces and stresses add up.
///
/// It knows the elements that all its terms know, and has an energy or
/// a stress if all of them have one.
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

  /// Those of all terms.
  public var cautions: [String] { terms.flatMap(\.cautions) }

  /// The files of all terms.
  public var files: [String] { terms.flatMap(\.files) }

  /// What all terms have.
  public var quantities: Quantities {
    terms.reduce([.energy, .forces, .stress]) { $0.intersection($1.quantities) }
  }

  /// Whether the forces of all terms are gradients: a sum with one that is not has no energy whose
  /// gradient its forces are.
  public var isConservative: Bool { terms.allSatisfy(\.isConservative) }

  /// The fewest that a term says.
  public var structuresAtOnce: Int? { terms.compactMap(\.structuresAtOnce).min() }

  /// Whether one term's are.
  public var isExpensive: Bool { terms.contains(where: \.isExpensive) }

  /// Those of the term with most: terms are evaluated one after another.
  public var threadsPerStructure: Int { terms.map(\.threadsPerStructure).max() ?? 1 }

  /// That of all terms: each has an evaluator of its own, which keeps what it has.
  public func memory(for structure: Structure) -> Int {
    terms.reduce(0) { $0 + $1.memory(for: structure) }
  }

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
  public func makeEvaluator(for structure: Structure) throws(ForceError) -> any Evaluator {
    try requireKnownElements(of: structure)
    var evaluators: [any Evaluator] = []
    for term in terms { evaluators.append(try term.makeEvaluator(for: structure)) }
    return SumEvaluator(evaluators, structure)
  }
}

/// The evaluators of all terms.
struct SumEvaluator: Evaluator {
  private var terms: [any Evaluator]
  private let fixed: [Int]

  init(_ terms: [any Evaluator], _ structure: Structure) {
    self.terms = terms
    let freedoms = structure.freedoms
    fixed = freedoms.indices.filter { freedoms[$0] == .fixed }
  }

  mutating func evaluate(
    _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
  ) throws(ForceError) -> Evaluation {
    var sum = try terms[0].evaluate(geometry, wanting: wanting, cancellation: cancellation)
    for index in terms.indices.dropFirst() {
      let term = try terms[index].evaluate(geometry, wanting: wanting, cancellation: cancellation)
      for atom in sum.forces.indices { sum.forces[atom] += term.forces[atom] }
      // A term without a free energy of its own has its energy for one.
      sum.freeEnergy =
        sum.freeEnergy == nil && term.freeEnergy == nil
        ? nil : both(sum.freeEnergy ?? sum.energy, term.freeEnergy ?? term.energy, +)
      sum.energy = both(sum.energy, term.energy, +)
      sum.stress = both(sum.stress, term.stress, +)
      if term.coverage == .free { sum.coverage = .free }
    }
    // One term may give forces on fixed atoms and another not: that is no force of anything.
    if sum.coverage == .free { for atom in fixed { sum.forces[atom] = .zero } }
    return sum
  }

  mutating func follow(_ geometry: Geometry) throws(ForceError) {
    for index in terms.indices { try terms[index].follow(geometry) }
  }

  mutating func forget() { for index in terms.indices { terms[index].forget() } }

  mutating func close() { for index in terms.indices { terms[index].close() } }

  private func both<Value>(
    _ a: Value?, _ b: Value?, _ sum: (Value, Value) -> Value
  ) -> Value? {
    if let a, let b { sum(a, b) } else { nil }
  }
}
