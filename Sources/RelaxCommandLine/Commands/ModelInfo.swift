// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Networks
import Relaxation
import Reporting
import StructureFiles
import Structures

extension Model {
  struct Info: ParsableCommand {
    static let configuration = CommandConfiguration(
      abstract: "What a model file holds: network, sizes, parameters, elements.",
      discussion: """
        relax model info forcenet.safetensors
        relax model info forcenet.safetensors --json -

        \(ExitStatus.help("0 told, 65 a damaged file, or one without a network"))
        """)

    @Argument(help: "Model file (.safetensors).", completion: .file())
    var input: String

    @Option(help: "Write it as JSON to this file, or to standard output (-) in place of the table.")
    var json: String?

    @OptionGroup var replacing: OverwriteOption

    func run() throws {
      try InputFiles.requireReadable([input])
      var plan = OutputPlan(overwrite: replacing.overwrite)
      plan.reads([input], as: .model)
      plan.writes(json, "--json", .json)
      let outputs = try plan.begin()
      defer { outputs.end() }
      let file = try ModelFile(path: input)
      try outputs.write(Model.report(file).text() + "\n", to: json)
      if !outputs.usesStandardOutput { try Console.result(Model.table(file)) }
      outputs.announce()
    }
  }

  /// Facts about a model file for programs.
  fileprivate static func report(_ file: ModelFile) -> JSONText {
    let model = file.model
    let known = model.knownElements
    return [
      "architecture": .string(model.architecture.name),
      "config": model.architecture.attributes,
      "trainable_parameters": .integer(model.trainableParameterCount),
      "total_parameters": .integer(model.parameterCount),
      "tensors": .integer(model.tensors.count + model.counters.count),
      "bytes": .integer(file.bytes),
      "dtype": JSONText(file.numberTypes),
      "normalizers": ModelDescription(model).json["normalizers"] ?? [:],
      "energy_is_trained": .boolean(model.energyIsTrained),
      "gives_energy": .boolean(model.givesEnergy),
      "energy_reference": model.energyReference.map { .string($0.rawValue) } ?? nil,
      "turns": .integer(model.turns),
      "trained_elements": model.trainedElements.map {
        JSONText($0.sorted().map(\.symbol))
      } ?? nil,
      "elements": [
        "known": JSONText(known.sorted().map(\.symbol)),
        "unknown": JSONText(unknown(known).map(\.symbol)),
      ],
    ]
  }

  /// The same for people.
  fileprivate static func table(_ file: ModelFile) -> String {
    let model = file.model
    let known = model.knownElements
    var table = ResultTable(
      columns: [.init("", .left, key: "name"), .init("", .left, key: "value")])
    func append(_ cells: [String]) { table.append(cells.map { .text($0) }) }
    append(["network", model.architecture.name])
    if case .object(let members) = model.architecture.attributes {
      for member in members { append([member.key, plain(member.value)]) }
    }
    append(["trainable parameters", "\(model.trainableParameterCount)"])
    append(["with fixed tables", "\(model.parameterCount)"])
    append(["numbers", "\(file.numberTypes.joined(separator: ", ")), \(file.bytes) bytes"])
    let normalization = model.normalization
    append([
      "normalisation",
      normalization == .none
        ? "none"
        : "energy × \(normalization.energyScale) + \(normalization.energyMean) eV, "
          + (normalization.elementEnergies.isEmpty ? "" : "and an energy an atom of each element, ")
          + "forces × \(normalization.forceScale) + \(normalization.forceMean) eV/Å",
    ])
    append([
      "energies",
      model.givesEnergy
        ? model.energyReference?.words ?? "yes"
        : model.energyIsTrained ? "none" : "none: they were not trained",
    ])
    if model.architecture.predictsForces {
      append(["turns averaged over", model.turns > 1 ? "\(model.turns)" : "none"])
    }
    append([
      "trained on",
      model.trainedElements.map { $0.sorted().map(\.symbol).joined(separator: " ") }
        ?? "not written down",
    ])
    append(["has features for", "\(known.count) of the first 100"])
    append([
      "has none for", unknown(known).map(\.symbol).joined(separator: " "),
    ])
    return table.text()
  }

  private static func unknown(_ known: Set<Element>) -> [Element] {
    (1...100).compactMap { Element(atomicNumber: $0) }.filter { !known.contains($0) }
  }

  private static func plain(_ value: JSONText) -> String {
    if case .string(let text) = value { return text }
    return value.text(.oneLine)
  }
}
