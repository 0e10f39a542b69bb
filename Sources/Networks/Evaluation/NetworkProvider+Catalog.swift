// SPDX-License-Identifier: MIT

import Files
import Forces
import StructureFiles

extension NetworkProvider {
  /// The networks by name, for a catalogue of providers; makers throw `ModelFileError` for files that
  /// hold no such network.
  public static var kinds: [ProviderCatalog.Kind] {
    kinds(readingModelsWith: { try NetworkModel.read($0) })
  }

  /// The same, for models that `readModel` reads.
  static func kinds(
    readingModelsWith readModel: @escaping @Sendable (String) throws -> NetworkModel
  ) -> [ProviderCatalog.Kind] {
    NetworkModel.Architecture.kinds.map { name in
      ProviderCatalog.Kind(name, keys: NetworkSpecification.keys(of: name)) { term, kernels in
        let specification = try NetworkSpecification(term)
        // Before the weights are read: a file that changes meanwhile is then noticed by a resumed run.
        let identity = specification.identity
        let model = try readModel(specification.file)
        try specification.require(model.architecture)
        var options = specification.options
        options.kernels = kernels
        var provider = try NetworkProvider(
          model, specification: specification.text(of: model), options: options)
        provider.identity = identity
        provider.files = [specification.file]
        return provider
      }
    }
  }
}

/// A network as it is named: `forcenet:model=FILE[,turns=N][,threads=N][,shortcuts=off][,elements=any]`.
///
/// | parameter | meaning |
/// | --- | --- |
/// | `model` | the file with configuration and weights; must be given |
/// | `turns` | of ForceNet and GNS: forces are averages over N turns about z, at N times the cost (what the model says) |
/// | `angles` | of DimeNet++: `released`, constants in the gradient as in the released code, or `full`, which count (what the model says) |
/// | `threads` | threads at work on one structure (1) |
/// | `shortcuts` | `on`, or `off` to compute everything anew at every step (`on`) |
/// | `elements` | `trained`, or `any` to take those that it was not trained on (`trained`) |
struct NetworkSpecification {
  /// Parameters of the networks called `name`: forces that are derivatives turn along by themselves.
  static func keys(of name: String) -> [String] {
    let own: [String] =
      switch name {
      case SchNetConfiguration.name: []
      case DimeNetConfiguration.name: ["angles"]
      default: ["turns"]
      }
    return ["model"] + own + ["threads", "shortcuts", "elements"]
  }
  /// More threads than this in one structure are a typing error.
  static let maximumThreads = NetworkProvider.maximumThreads

  private let term: ProviderSpecification.Term
  /// Path of the model.
  let file: String
  /// How it is evaluated.
  let options: NetworkProvider.Options

  init(_ term: ProviderSpecification.Term) throws(ForceError) {
    guard let file = try term.path("model") else {
      throw term.refusal(
        "model is missing; \(term.name):model=FILE names the file with the weights")
    }
    var options = NetworkProvider.Options()
    options.threads =
      try term.count("threads", in: 1...Self.maximumThreads) ?? NetworkProvider.threadsUnlessSaid
    if let turns = try term.count("turns", in: NetworkModel.possibleTurns) { options.turns = turns }
    if let text = term.value("angles") {
      guard let angles = DimeNetConfiguration.Angles(rawValue: text) else {
        throw term.refusal("angles must be released or full, not `\(text)`")
      }
      options.angles = angles
    }
    if let usesShortcuts = try term.flag("shortcuts") { options.usesShortcuts = usesShortcuts }
    switch term.value("elements") {
    case nil, "trained": break
    case "any": options.takesUntrainedElements = true
    case .some(let text): throw term.refusal("elements must be trained or any, not `\(text)`")
    }
    (self.term, self.file, self.options) = (term, file, options)
  }

  /// What decides the forces, in the form it is written; threads do not.
  var text: String { text(naming: written, turns: options.turns, angles: options.angles) }

  /// The same with what the specification leaves to the model.
  func text(of model: NetworkModel) -> String {
    var angles = options.angles
    if case .dimeNet(let configuration) = model.architecture {
      angles = angles ?? configuration.angles
    }
    return text(
      naming: written, turns: options.turns ?? (model.turns > 1 ? model.turns : nil),
      angles: angles)
  }

  /// The same, but with size and checksum of the file: its name alone could be that of another one by
  /// the time that a run is resumed.
  var identity: String {
    text(
      naming: FileFingerprint.describe(file), turns: options.turns, angles: options.angles)
  }

  /// The path in quotation marks where it needs them.
  private var written: String { ProviderSpecification.quoted(file) }

  private func text(
    naming file: String, turns: Int?, angles: DimeNetConfiguration.Angles?
  ) -> String {
    "\(term.name):model=\(file)"
      + (turns.map { ",turns=\($0)" } ?? "") + (angles.map { ",angles=\($0.rawValue)" } ?? "")
      + (options.usesShortcuts ? "" : ",shortcuts=off")
      + (options.takesUntrainedElements ? ",elements=any" : "")
  }

  /// Refuses a model that is not what the specification calls it: the name says what computed the
  /// forces.
  func require(_ architecture: NetworkModel.Architecture) throws(ForceError) {
    let found = architecture.name
    guard found != term.name else { return }
    throw term.refusal("\(file) holds a network of kind \(found): write \(found):model=\(written)")
  }
}

extension NetworkProvider {
  /// More threads than this in one structure are a typing error.
  public static let maximumThreads = 1024

  /// What `threads` is where the specification of a network does not say.
  @TaskLocal public static var threadsUnlessSaid = 1
}
