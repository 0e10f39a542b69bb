// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// A source of forces: an analytic potential, a trained network, an outside program.
///
/// A provider has no state and is shared between threads. All state of an evaluation (neighbour
/// list, scratch memory, caches) belongs to the `Evaluator` that it makes for one structure.
public protocol ForceProvider: Sendable {
  /// The provider's specification in full, every parameter included, such as
  /// `lj:sigma=2.338,epsilon=0.4093,cutoff=6.0`; equal providers have equal specifications.
  var specification: String { get }

  /// The specification, and what it leaves open but forces depend on, such as the bytes of a file of
  /// weights; a run is only resumed with a provider of the identity that it began with.
  var identity: String { get }

  /// Files that it is made from, such as those of weights: nothing may be written over them.
  var files: [String] { get }

  /// The elements it knows; nil if it takes any.
  var knownElements: Set<Element>? { get }

  /// Whether forces are the negative gradient of an energy.
  ///
  /// A network that predicts forces directly is not: line searches, energy differences and a positive
  /// curvature along steps then mean nothing.
  var isConservative: Bool { get }

  /// Threads that an evaluation of one structure keeps busy; forces do not depend on it.
  var threadsPerStructure: Int { get }

  /// Refuses by name the elements of `structure` that the provider does not know.
  func requireKnownElements(of structure: Structure) throws(ForceError)

  /// Prepares evaluations of a structure; only positions change between them.
  ///
  /// - Throws: `ForceError.unknownElements` before anything is computed.
  func makeEvaluator(for structure: Structure) throws -> any Evaluator
}

extension ForceProvider {
  /// The specification: it says everything about analytic potentials.
  public var identity: String { specification }

  /// None: analytic potentials have no files.
  public var files: [String] { [] }

  /// True: analytic potentials are.
  public var isConservative: Bool { true }

  /// One.
  public var threadsPerStructure: Int { 1 }

  /// Refuses what is not among `knownElements`.
  public func requireKnownElements(of structure: Structure) throws(ForceError) {
    guard let knownElements else { return }
    let unknown = Set(structure.elements).subtracting(knownElements)
    guard unknown.isEmpty else {
      throw .unknownElements(
        unknown.sorted(), provider: specification, known: knownElements.sorted())
    }
  }
}

/// Evaluates one structure, again and again as its atoms move.
public protocol Evaluator {
  /// Energy and forces at `positions`.
  ///
  /// - Parameters:
  ///   - positions: Å, one an atom.
  ///   - forces: receives raw forces in eV/Å on every atom, fixed ones included; its length is the
  ///     number of atoms.
  /// - Returns: the energy in eV, or nil if the provider has none.
  mutating func evaluate(_ positions: [Vector3], forces: inout [Vector3]) throws -> Double?

  /// Whether `evaluateFreeAtoms` is cheaper than `evaluate` because it leaves something out.
  var leavesOutFixedAtoms: Bool { get }

  /// As `evaluate`, but the forces on fixed atoms and the energy may be left out; forces on free
  /// atoms are the same to the last bit. What a relaxation asks for at every step.
  ///
  /// - Parameters:
  ///   - positions: Å, one an atom.
  ///   - forces: receives raw forces in eV/Å on free atoms; what is there for fixed ones afterwards
  ///     means nothing if `leavesOutFixedAtoms`.
  /// - Returns: the energy in eV, or nil if there is none or it was left out.
  mutating func evaluateFreeAtoms(_ positions: [Vector3], forces: inout [Vector3]) throws
    -> Double?
}

extension Evaluator {
  /// False: nothing is left out.
  public var leavesOutFixedAtoms: Bool { false }

  /// All forces.
  public mutating func evaluateFreeAtoms(_ positions: [Vector3], forces: inout [Vector3]) throws
    -> Double?
  {
    try evaluate(positions, forces: &forces)
  }
}

/// Why a provider will not evaluate.
public enum ForceError: Error, Equatable, CustomStringConvertible {
  /// The structure holds elements that the provider has no parameters for.
  case unknownElements([Element], provider: String, known: [Element])
  /// The structure holds elements that a network could be evaluated for, but was not trained on.
  case untrainedElements([Element], provider: String, trained: [Element])
  /// A provider was named or parametrised wrongly.
  case badSpecification(String, reason: String)

  /// What the provider refuses, and what it takes.
  public var description: String {
    switch self {
    case .unknownElements(let elements, let provider, let known):
      let names = elements.map(\.symbol).joined(separator: ", ")
      let knownNames = known.map(\.symbol).joined(separator: " ")
      return "\(provider) has no parameters for \(names) (it knows \(knownNames))"
    case .untrainedElements(let elements, let provider, let trained):
      let names = elements.map(\.symbol).joined(separator: ", ")
      let trainedNames = trained.map(\.symbol).joined(separator: " ")
      return "\(provider) was not trained on \(names), only on \(trainedNames); to have its guess "
        + "all the same, add elements=any to the provider"
    case .badSpecification(let specification, let reason):
      return "provider `\(specification)`: \(reason)"
    }
  }
}
