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

  /// What it has at all.
  var quantities: Quantities { get }

  /// Whether forces are the negative gradient of an energy.
  ///
  /// A network that predicts forces directly is not: line searches, energy differences and a positive
  /// curvature along steps then mean nothing.
  var isConservative: Bool { get }

  /// Threads that an evaluation of one structure keeps busy; forces do not depend on it.
  var threadsPerStructure: Int { get }

  /// Whether evaluations take so long that each is kept as soon as it is there, and none is computed again when
  /// a run goes on.
  var isExpensive: Bool { get }

  /// Structures that it is to evaluate at once, unless the user says; nil for as many as keep all processors
  /// busy.
  var structuresAtOnce: Int? { get }

  /// What someone who relies on its forces should know, a sentence each; mostly nothing.
  var cautions: [String] { get }

  /// Bytes that an evaluator of `structure` takes at its peak, what is shared by all structures left out.
  ///
  /// An upper estimate, within about a factor of two, told from the structure alone and quickly: nothing is
  /// evaluated. Other processes, such as calculators that were started, are not counted. `structure` has no defect
  /// that makes it `invalid`.
  func memory(for structure: Structure) -> Int

  /// Refuses by name the elements of `structure` that the provider does not know.
  func requireKnownElements(of structure: Structure) throws(ForceError)

  /// Prepares evaluations of a structure, of which only the geometry changes between them.
  ///
  /// - Throws: `ForceError.unknownElements` before anything is computed.
  func makeEvaluator(for structure: Structure) throws(ForceError) -> any Evaluator
}

extension ForceProvider {
  /// The specification: it says everything about analytic potentials.
  public var identity: String { specification }

  /// None: analytic potentials have no files.
  public var files: [String] { [] }

  /// Energy and forces.
  public var quantities: Quantities { [.energy, .forces] }

  /// True: analytic potentials are.
  public var isConservative: Bool { true }

  /// One thread: the caller's.
  public var threadsPerStructure: Int { 1 }

  /// False: computing again is quicker than keeping.
  public var isExpensive: Bool { false }

  /// Nil: as many as there are processors for.
  public var structuresAtOnce: Int? { nil }

  /// Some kilobytes an atom: what a provider takes of which nothing else is known.
  public func memory(for structure: Structure) -> Int { 1 << 20 + structure.count << 13 }

  /// None.
  public var cautions: [String] { [] }

  /// Refuses what is not among `knownElements`.
  public func requireKnownElements(of structure: Structure) throws(ForceError) {
    guard let knownElements else { return }
    let unknown = Set(structure.elements).subtracting(knownElements)
    guard unknown.isEmpty else {
      throw .unknownElements(
        unknown.sorted(), provider: specification, known: knownElements.sorted())
    }
  }

  /// What it says about a structure as it is, by an evaluator of its own.
  ///
  /// - Throws: what making the evaluator and evaluating throw.
  public func evaluate(
    _ structure: Structure, wanting: Quantities, cancellation: Cancellation = .never
  ) throws(ForceError) -> Evaluation {
    try requireKnownElements(of: structure)
    var evaluator = try makeEvaluator(for: structure)
    defer { evaluator.close() }
    return try evaluator.evaluate(
      Geometry(structure), wanting: wanting, cancellation: cancellation)
  }
}
