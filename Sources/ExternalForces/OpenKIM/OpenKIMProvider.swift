// SPDX-License-Identifier: MIT

import CLibrary
import Files
import Forces
import RelaxNumerics
import Structures

/// A portable model of OpenKIM (https://openkim.org), computed by the library of the KIM API.
///
/// The library is loaded when a provider is made; relax does not depend on it. Simulator models, which are
/// recipes for a simulation program such as LAMMPS, are refused.
///
/// Every structure has a model of its own, and models of several threads compute at once. Neither the
/// library nor the drivers promise that in words; of the drivers that Debian has, none keeps anything
/// outside of its models, and all of its models give the same bytes on two threads as on one. A model
/// whose code is not so clean is for `--threads 1`.
public struct OpenKIMProvider: ForceProvider {
  /// The model's ID as the collections have it, such as
  /// `EAM_Dynamo_MishinMehlPapaconstantopoulos_2001_Cu__MO_346334655118_005`.
  public let model: String
  /// As `specification`, with the version of the library; where the ID has none of its own, with size and
  /// checksum of the model's code.
  public let identity: String
  /// The file of the model's code.
  public let files: [String]
  /// Elements among its species; nil if all are.
  public var knownElements: Set<Element>? {
    species.count == Element.symbols.count ? nil : Set(species.keys)
  }
  /// Forces and stress, and an energy if the model has one.
  public let quantities: Quantities

  private let species: [Element: Int32]
  private let influence: Double
  private let lists: [OpenKIMModel.List]
  private let library: OpenKIMLibrary
  private let kernels: KernelSet

  /// The model called `model`.
  ///
  /// - Parameters:
  ///   - model: an ID in one of the collections of KIM.
  ///   - library: the KIM API's library; by default the one that `RELAX_KIM_LIBRARY` names, else the
  ///     system's.
  ///   - kernels: what to search neighbours with.
  /// - Throws: `ForceError.badSpecification` if there is no library or no such model, or it needs what relax
  ///   does not have.
  public init(
    model: String, library: String? = nil, kernels: KernelSet = .preferred
  ) throws(ForceError) {
    do throws(OpenKIMLibrary.Refusal) {
      try Self.requireName(model)
      let kim = try OpenKIMLibrary.load(library)
      let file = try Self.file(of: model, in: kim)
      let first: OpenKIMModel
      do throws(OpenKIMLibrary.Refusal) {
        first = try OpenKIMModel(model, in: kim)
      } catch {
        throw .init(reason: "the KIM model is of no use here: \(error.reason)")
      }
      (self.model, files, self.kernels) = (model, [file], kernels)
      (influence, lists, species) = (first.influenceDistance, first.lists, first.species)
      quantities = first.hasEnergy ? [.energy, .forces, .stress] : [.forces, .stress]
      self.library = kim
      let made = Self.hasVersion(model) ? "" : ", " + FileFingerprint.describe(file)
      identity = "kim:model=\(model) (KIM API \(kim.version)\(made))"
      try Self.requireUsable(first, influence, lists, species)
    } catch {
      throw .badSpecification("kim:model=\(model)", reason: error.reason)
    }
  }

  /// `kim:model=ID`.
  public var specification: String { "kim:model=\(model)" }

  /// Prepares evaluations of a structure, by a model of its own.
  ///
  /// - Throws: `ForceError.unknownElements`.
  public func makeEvaluator(for structure: Structure) throws(ForceError) -> any Evaluator {
    try requireKnownElements(of: structure)
    return OpenKIMEvaluator(
      model, in: library, specification: specification,
      species: structure.elements.map { species[$0] ?? 0 },
      hasEnergy: quantities.contains(.energy),
      particles: OpenKIMParticles(influence: influence, lists: lists, kernels: kernels))
  }

  /// `kim:model=ID`, for a catalogue of providers.
  static let kind = ProviderCatalog.Kind("kim", keys: ["model"]) { term, kernels in
    guard let model = term.value("model") else {
      throw term.refusal(
        "model is missing; kim:model=ID names a portable model: \(OpenKIMProvider.list)")
    }
    return try OpenKIMProvider(model: model, kernels: kernels)
  }
}

// MARK: - What is refused

extension OpenKIMProvider {
  /// Longer than any ID: file names end here.
  private static let longestName = 255
  /// Å; no structure is wider.
  private static let longestInfluence = 1e6
  /// Where to look for names.
  static let list =
    "`kim-api-collections-management list` (in Debian's libkim-api-dev) shows their names"

  /// Refuses what can be no ID, before it becomes part of a path.
  private static func requireName(_ name: String) throws(OpenKIMLibrary.Refusal) {
    let isName = name.utf8.allSatisfy {
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
        || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "_")
    }
    guard isName, (1...longestName).contains(name.utf8.count) else {
      throw .init(
        reason: "the ID of a KIM model is made of letters, digits and underscores, at most "
          + "\(longestName)")
    }
  }

  /// The file of the model's code, if there is a portable model of that name.
  private static func file(
    of model: String, in kim: OpenKIMLibrary
  ) throws(OpenKIMLibrary.Refusal) -> String {
    switch kim.item(model) {
    case .portableModel(let file): return file
    case .simulatorModel:
      throw .init(
        reason:
          "this is a simulator model, a recipe for one simulation program (see its name); relax "
          + "takes portable models, whose IDs have MO where this one has SM")
    case .modelDriver:
      throw .init(reason: "this is a model driver, the code of several models, and no model")
    case .unusable: throw .init(reason: "the KIM API cannot read its collections of models")
    case .nothing: throw .init(reason: "there is no such KIM model" + hint(model, kim.modelNames))
    }
  }

  /// What may have been meant.
  private static func hint(_ model: String, _ names: [String]) -> String {
    guard !names.isEmpty else {
      return ", nor any other: install some, `apt-get install openkim-models` (Debian, Ubuntu)"
    }
    let lower = Dictionary(names.map { ($0.lowercased(), $0) }) { first, _ in first }
    let near =
      names.first { $0.contains(model) }
      ?? Spelling.nearest(to: model, among: lower.keys.sorted()).flatMap { lower[$0] }
    return (near.map { "; did you mean `\($0)`?" } ?? "")
      + "; \(names.count) are installed: \(list)"
  }

  /// Whether an ID says of which version the model is: `…__MO_346334655118_005`.
  static func hasVersion(_ model: String) -> Bool {
    let parts = model.split(separator: "_").suffix(3).map(String.init)
    return parts.count == 3 && parts[0] == "MO" && parts[1].count == 12 && Int(parts[1]) != nil
      && parts[2].count == 3 && Int(parts[2]) != nil
  }

  /// Refuses what nothing can be computed with.
  private static func requireUsable(
    _ model: OpenKIMModel, _ influence: Double, _ lists: [OpenKIMModel.List],
    _ species: [Element: Int32]
  ) throws(OpenKIMLibrary.Refusal) {
    guard model.hasForces else { throw .init(reason: "the KIM model has no forces") }
    guard !species.isEmpty else { throw .init(reason: "the KIM model knows no chemical element") }
    let reaches = lists.map(\.cutoff) + [influence]
    guard reaches.allSatisfy({ $0 >= 0 && $0 <= longestInfluence }) else {
      throw .init(reason: "the KIM model has cutoffs of \(reaches) Å")
    }
  }
}
