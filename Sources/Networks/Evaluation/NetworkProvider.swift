// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// Forces from a trained network.
public struct NetworkProvider: ForceProvider {
  /// The model's file and options, as `forcenet:model=FILE`.
  public let specification: String
  /// As `specification`, but with what tells the bytes of the file from others.
  public var identity: String
  /// The model's file, if it came from one.
  public var files: [String] = []
  /// Threads that an evaluation of one structure keeps busy.
  public let threadsPerStructure: Int
  /// Elements that the network was trained on, as far as that is known and counts; else those that it
  /// has features for.
  public var knownElements: Set<Element>? { trainedElements ?? elementsWithFeatures }
  private let elementsWithFeatures: Set<Element>
  private let trainedElements: Set<Element>?
  /// Forces, and an energy if the network has a trained one; a stress if forces are derivatives.
  public var quantities: Quantities { network.quantities }
  /// That energies are adsorption energies, where they are; they look like others.
  public let cautions: [String]
  /// Whether forces are the gradient of the energy: not where they are predicted directly, nor where
  /// angles are left out of the gradient.
  public var isConservative: Bool { network.isConservative }

  /// How a network is evaluated; forces depend on `turns` alone, and in their last digits on `kernels`.
  public struct Options: Hashable, Sendable {
    /// Threads at work on one structure; the forces are the same for any number.
    public var threads = 1
    /// Whether a relaxation leaves out what cannot change the forces on free atoms and keeps what
    /// cannot change between steps.
    public var usesShortcuts = true
    /// Forces are averages over so many turns of the structure about z, in equal steps; nil for as
    /// many as the model says.
    public var turns: Int?
    /// Whether angles count in the gradient of DimeNet++; nil for what the model says.
    public var angles: DimeNetConfiguration.Angles?
    /// Whether elements are taken that the network was not trained on.
    public var takesUntrainedElements = false
    /// What to compute with; forces depend on it in their last digits.
    public var kernels = KernelSet.preferred

    /// One thread, with shortcuts, in as many turns as the model says.
    public init() {}

    /// Threads that are worth starting.
    var workers: Int { max(1, min(threads, WorkerThreads.mostInComputation)) }
  }

  private let network: any PreparedNetwork
  private let options: Options
  private let turns: Int

  /// Prepares a model for evaluation: folds and packs its weights, once for all structures.
  ///
  /// - Throws: `ModelFileError` if tensors are missing or of the wrong shape.
  public init(_ model: NetworkModel, specification: String, options: Options = Options()) throws {
    var model = model
    try model.requireComplete()
    self.specification = specification
    (network, self.options) = (model.prepared(options), options)
    elementsWithFeatures = model.knownElements
    trainedElements =
      options.takesUntrainedElements
      ? nil : model.trainedElements?.intersection(elementsWithFeatures)
    turns = options.turns ?? model.turns
    identity = specification
    let energiesAreRelative =
      model.energyReference == .adsorption && network.quantities.contains(.energy)
    cautions =
      energiesAreRelative
      ? ["energies of this model are \(EnergyReference.adsorption.words)"] : []
    threadsPerStructure = options.threads
  }

  /// Refuses elements by name, and says of which kind the refusal is.
  public func requireKnownElements(of structure: Structure) throws(ForceError) {
    let elements = Set(structure.elements)
    let featureless = elements.subtracting(elementsWithFeatures)
    guard featureless.isEmpty else {
      throw .unknownElements(
        featureless.sorted(), provider: specification, known: elementsWithFeatures.sorted())
    }
    guard let trainedElements else { return }
    let untrained = elements.subtracting(trainedElements)
    guard untrained.isEmpty else {
      throw .untrainedElements(
        untrained.sorted(), provider: specification, trained: trainedElements.sorted())
    }
  }

  /// Bytes: what layers make of each atom, and of each edge what is kept.
  ///
  /// DimeNet++ keeps what all layers make of edges. Turns are evaluated one after another, but each keeps what it has.
  public func memory(for structure: Structure) -> Int {
    let workspaces = 2e6 * Double(options.workers)
    // A tenth more for what is not counted.
    let bytes = 1.1 * network.memoryWithSearch(for: structure) + workspaces
    return Int(min(1e18, 1e6 + bytes * Double(max(1, turns))))
  }

  /// Prepares evaluations of a structure.
  ///
  /// - Throws: `ForceError.unknownElements`, `ForceError.untrainedElements`; `ForceError.failed` if it would
  ///   take more memory than this process can have.
  public func makeEvaluator(for structure: Structure) throws(ForceError) -> any Evaluator {
    try requireKnownElements(of: structure)
    let bytes =
      network.memory(for: structure, neighbors: network.possibleNeighbors) * Double(turns)
    guard bytes <= SystemMemory.bytes / 2 else {
      throw .failed(
        "the network takes about \(Int((bytes / 1e9).rounded(.up))) GB for \(structure.count) atoms"
          + (turns > 1 ? " in \(turns) turns" : "") + "; at most half of the memory, "
          + "\(Int(SystemMemory.bytes / 2e9)) GB, is given to one structure")
    }
    guard turns > 1 else { return network.makeEvaluator(for: structure, options) }
    return TurnAverage(of: turns, structure) { network.makeEvaluator(for: $0, options) }
  }
}
