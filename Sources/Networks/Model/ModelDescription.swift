// SPDX-License-Identifier: MIT

import Files
import StructureFiles
import Structures

/// What is known of a model beside its tensors: the JSON under the key `config` of a model file.
///
/// ```json
/// {"model": "forcenet", "config": {"hidden_channels": 512},
///  "normalizers": {"target": {"mean": -0.75, "std": 2.9}, "grad_target": {"mean": 0, "std": 2.9}},
///  "energy_is_trained": false, "energy_reference": "adsorption",
///  "trained_elements": ["H", "O", "Pt"], "turns": 4}
/// ```
///
/// Only `model` must be there. `config` holds the released constructor's arguments, those left out
/// having the released defaults; other keys are ignored. Configurations of the released trainers
/// are understood as well: the arguments are under `model_attributes`, or, with the name, under
/// `model`.
public struct ModelDescription: Hashable, Sendable {
  /// Kind and shape of the network.
  public var architecture: NetworkModel.Architecture
  /// What was done to the training targets.
  public var normalization = TargetNormalization.none
  /// Whether the network's energies mean something.
  public var energyIsTrained = true
  /// What energies are relative to; nil if nobody wrote it down.
  public var energyReference: EnergyReference?
  /// Elements of the frames that the network was trained on; nil if nobody wrote them down.
  public var trainedElements: Set<Element>?
  /// Turns about z that forces are averages over, unless another number is asked for; 1 for none.
  public var turns = 1

  /// A description of a network with targets as they are.
  public init(_ architecture: NetworkModel.Architecture) { self.architecture = architecture }

  /// What is known of `model` beside its tensors.
  public init(_ model: NetworkModel) {
    architecture = model.architecture
    normalization = model.normalization
    energyIsTrained = model.energyIsTrained
    energyReference = model.energyReference
    trainedElements = model.trainedElements
    turns = model.turns
  }

  /// The description that `json` holds.
  ///
  /// - Parameter base: a network of the same kind whose arguments hold where `json` has none.
  public init(
    _ json: JSONText, base: NetworkModel.Architecture? = nil
  ) throws(ModelFileError) {
    guard case .object = json else {
      throw ModelFileError("the configuration is \(json.kind), where an object is needed")
    }
    let (name, attributes) = try ModelDescription.network(json)
    architecture = try NetworkModel.Architecture(name: name, attributes: attributes, base: base)
    if let normalizers = json["normalizers"] {
      normalization = try TargetNormalization(normalizers)
    }
    switch json["energy_is_trained"] {
    case nil: break
    case .boolean(let value): energyIsTrained = value
    case .some(let other):
      throw ModelFileError("energy_is_trained is \(other.kind), where true or false is needed")
    }
    if let found = json["energy_reference"] {
      guard case .string(let name) = found, let reference = EnergyReference(rawValue: name) else {
        throw ModelFileError(
          "energy_reference is \(found.text(.oneLine)), where adsorption or total is needed")
      }
      energyReference = reference
    }
    if let elements = json["trained_elements"] {
      trainedElements = try ModelDescription.elements(elements)
    }
    switch json["turns"] {
    case nil: break
    case .integer(let count) where NetworkModel.possibleTurns.contains(count):
      guard count == 1 || architecture.predictsForces else {
        throw ModelFileError(
          "turns is \(count), but forces of \(architecture.name) turn along by themselves")
      }
      turns = count
    case .some(let other):
      throw ModelFileError(
        "turns is \(other.text(.oneLine)), where a whole number from 1 to "
          + "\(NetworkModel.possibleTurns.upperBound) is needed")
    }
  }

  private static func elements(_ json: JSONText) throws(ModelFileError) -> Set<Element> {
    guard case .array(let items) = json else {
      throw ModelFileError("trained_elements is \(json.kind), where a list of symbols is needed")
    }
    var elements: Set<Element> = []
    for item in items {
      guard case .string(let symbol) = item, let element = Element(symbol: symbol) else {
        throw ModelFileError("trained_elements holds \(item.text(.oneLine)), which is no element")
      }
      elements.insert(element)
    }
    return elements
  }

  /// The description in a text of JSON, which messages call `what`.
  init(parsing text: String, what: String) throws(ModelFileError) {
    let json: JSONText
    do { json = try JSONText(parsing: text) } catch {
      throw ModelFileError("\(what) is damaged: \(error)")
    }
    try self.init(json)
  }

  /// As it is written.
  public var json: JSONText {
    var members: [JSONText.Member] = [
      .init("model", .string(architecture.name)), .init("config", architecture.attributes),
      .init("normalizers", normalization.json),
      .init("energy_is_trained", .boolean(energyIsTrained)),
    ]
    if let energyReference {
      members.append(.init("energy_reference", .string(energyReference.rawValue)))
    }
    if let trainedElements {
      members.append(
        .init("trained_elements", JSONText(trainedElements.sorted().map(\.symbol))))
    }
    if turns > 1 { members.append(.init("turns", .integer(turns))) }
    return .object(members)
  }

  /// Name and arguments, wherever they are.
  private static func network(
    _ json: JSONText
  ) throws(ModelFileError) -> (name: String, attributes: JSONText) {
    switch json["model"] {
    case .string(let name):
      let places = ["config", "model_attributes"].filter { json[$0] != nil }
      guard places.count < 2 else {
        throw ModelFileError("the configuration has both config and model_attributes")
      }
      return (name, places.first.flatMap { json[$0] } ?? [:])
    case .object(let members):
      guard case .string(let name)? = json["model"]?["name"] else {
        throw ModelFileError("`model` of the configuration has no name")
      }
      return (name, .object(members.filter { $0.key != "name" }))
    case .some(let other):
      throw ModelFileError(
        "`model` of the configuration is \(other.kind), where a name is needed: "
          + NetworkModel.Architecture.list)
    case nil:
      throw ModelFileError(
        "the configuration does not name its `model`: \(NetworkModel.Architecture.list)")
    }
  }
}

extension TargetNormalization {
  /// What `json` says about energies (`target`) and forces (`grad_target`).
  ///
  /// As in the released code nothing is normalised unless energies are.
  init(_ json: JSONText) throws(ModelFileError) {
    guard case .object(let members) = json else {
      throw ModelFileError("normalizers is \(json.kind), where an object is needed")
    }
    // A normalisation that is not understood must not be left out: forces would be off by a factor.
    if let unknown = members.first(where: { !["target", "grad_target"].contains($0.key) }) {
      throw ModelFileError(
        "normalizers has the key \(Quote.name(unknown.key)); target and grad_target are possible")
    }
    guard let target = json["target"] else { return }
    (energyMean, energyScale) = try TargetNormalization.pair(target, "target")
    if let elements = target["elements"] {
      elementEnergies = try TargetNormalization.elementEnergies(elements)
    }
    guard let gradient = json["grad_target"] else { return }
    (forceMean, forceScale) = try TargetNormalization.pair(gradient, "grad_target")
  }

  /// As it is written; empty if targets are as they are.
  var json: JSONText {
    self == .none
      ? [:]
      : [
        "target": .object(
          [.init("mean", .number(energyMean)), .init("std", .number(energyScale))] + elements),
        "grad_target": ["mean": .number(forceMean), "std": .number(forceScale)],
      ]
  }

  private var elements: [JSONText.Member] {
    guard !elementEnergies.isEmpty else { return [] }
    let energies = elementEnergies.sorted { $0.key < $1.key }
    return [
      .init("elements", .object(energies.map { .init($0.key.symbol, .number($0.value)) }))
    ]
  }

  private static func elementEnergies(
    _ json: JSONText
  ) throws(ModelFileError) -> [Element: Double] {
    guard case .object(let members) = json else {
      throw ModelFileError(
        "normalizers: elements of target is \(json.kind), where an object is needed")
    }
    var energies: [Element: Double] = [:]
    for member in members {
      let energy: Double? =
        switch member.value {
        case .integer(let value): Double(value)
        case .number(let value) where value.isFinite: value
        default: nil
        }
      guard let element = Element(symbol: member.key), let energy else {
        throw ModelFileError(
          "normalizers: elements of target has \(Quote.name(member.key)) with "
            + "\(member.value.text(.oneLine)), where an element with an energy in eV is needed")
      }
      energies[element] = energy
    }
    return energies
  }

  private static func pair(
    _ json: JSONText, _ key: String
  ) throws(ModelFileError) -> (mean: Double, scale: Double) {
    func number(_ name: String) throws(ModelFileError) -> Double {
      switch json[name] {
      case .integer(let value): return Double(value)
      case .number(let value) where value.isFinite: return value
      default: throw ModelFileError("normalizers: \(key) has no number called \(name)")
      }
    }
    let (mean, scale) = (try number("mean"), try number("std"))
    guard scale > 0 else {
      throw ModelFileError("normalizers: std of \(key) is \(scale), which must be above 0")
    }
    return (mean, scale)
  }
}
