// SPDX-License-Identifier: MIT

import Files
import Networks
import RelaxNumerics
import StructureFiles

/// What to train, on what, and how: the contents of a configuration file.
///
/// ```yaml
/// model:
///   architecture: forcenet      # arguments of the released constructor follow; or  from: MODEL
///   hidden_channels: 128
/// data:
///   train: [s2ef_train, {path: s2ef_rattled, weight: 0.5}]
///   validation: {val_id: s2ef_val_id}
/// training:
///   steps: 20000
/// output: runs/forcenet
/// ```
///
/// Paths are relative to the folder of the file.
public struct TrainingConfiguration: Sendable {
  /// Where the weights come from.
  public enum Start: Sendable {
    /// Drawn at random.
    case untrained(NetworkModel.Architecture)
    /// Those of the model file at this path; angles of DimeNet++ count in its gradient as is said, or as
    /// the file says.
    case model(String, angles: DimeNetConfiguration.Angles?)
  }

  /// What an output of 1 of the network means.
  public enum ForceScale: Hashable, Sendable {
    /// So many eV/Å.
    case value(Double)
    /// The mean absolute force component on free atoms in the training frames.
    case fromData

    func value(for frames: FrameStore) -> Double {
      switch self {
      case .value(let scale): scale
      case .fromData: frames.meanAbsoluteForce
      }
    }
  }

  /// A file or folder of labelled frames.
  public struct Source: Hashable, Sendable {
    /// What it is called.
    public var name: String
    /// Where it lies.
    public var path: String
    /// Share of its frames in each epoch.
    public var weight = 1.0
    /// Frames to take at most, evenly spaced; nil for all.
    public var limit: Int?
    /// Which frames to take: all that these accept.
    public var filters: [FrameFilter] = []
    /// Whether labels count whose electrons did not converge.
    public var takesUnconverged = false
  }

  /// Where the weights come from.
  public var start: Start
  /// Frames to learn from.
  public var train: [Source]
  /// Frames to judge by; the first set decides which model is the best.
  public var validation: [Source]
  /// Share of the systems of `train` that are kept for judging instead.
  public var holdout: Double?
  /// What an output of 1 of the network means; nil for what the model says, 1 eV/Å if it is new.
  public var forceScale: ForceScale?
  /// What is taken off energies; nil for what the model says, from the data if it is new.
  public var energyShift: EnergyShift?
  /// What an output of 1 means for energies; nil likewise.
  public var energyScale: EnergyScale?
  /// What the energies to learn are relative to; nil for adsorption energies where references are given.
  public var energies: EnergyReference?
  /// How to train.
  public var settings: TrainingSettings
  /// Folder of the results.
  public var output: String
  /// The file as it was read.
  public let text: String

  /// Reads the file at `path`.
  ///
  /// - Parameter threads: threads at work if the file names none.
  /// - Throws: `FileError` if it cannot be read; `TrainingError.configuration`.
  public init(path: String, threads: Int = WorkerThreads.processors) throws {
    let file = try RandomAccessFile(path: path)
    guard file.length <= TrainingConfiguration.longestFile else {
      throw TrainingError.configuration(
        file: path, line: nil, reason: "\(file.length) bytes are too many for a configuration")
    }
    let text = String(decoding: try file.bytes(0..<file.length), as: UTF8.self)
    try self.init(yaml: text, file: path, threads: threads)
  }

  private static let longestFile = 1 << 20

  /// Reads the text of a file at `path`.
  init(
    yaml text: String, file path: String, threads: Int = WorkerThreads.processors
  ) throws(TrainingError) {
    self.text = text
    let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
    func resolved(_ path: String) -> String { path.hasPrefix("/") ? path : folder + path }

    let node = try ConfigurationNode(yaml: text, file: path)
    var root = try ConfigurationSection(node, name: "", file: path)
    let modelNode = try root.require("model", "what network to train, or `from: MODEL`")
    start = try Start(modelNode, file: path, resolved: resolved)
    var data = try root.section("data", "what to learn from, as `train: [FILE_OR_FOLDER]`")
    train = try Source.list(
      try data.require("train", "what to learn from, as `[FILE_OR_FOLDER]`"), data, file: path,
      resolved: resolved)
    validation =
      try data.take("validation").map { node throws(TrainingError) in
        try Source.named(node, file: path, resolved: resolved)
      } ?? []
    holdout = try data.number(
      "holdout", "a share of the training data above 0 and below 1 is needed", { $0 > 0 && $0 < 1 })
    forceScale = try ForceScale(&data)
    energyShift = try data.automatic("energy_shift", "an energy in eV, or auto, is needed") {
      $0.isFinite
    }.map { $0.map(EnergyShift.value) ?? .fromData }
    energyScale = try data.automatic(
      "energy_scale", "an energy in eV above 0, or auto, is needed"
    ) { $0 > 0 }.map { $0.map(EnergyScale.value) ?? .fromData }
    energies = try data.take("energies").map { node throws(TrainingError) in
      guard let reference = EnergyReference(rawValue: try data.text(node, "energies")) else {
        throw data.refusal("energies", node, "adsorption or total is needed")
      }
      return reference
    }
    try data.finish()
    var training = try root.section("training", "how to train; `steps` at least")
    settings = try TrainingSettings(&training, threads: threads)
    let outputNode = try root.require("output", "the folder for the results")
    output = resolved(try root.text(outputNode, "output"))
    try root.finish()
  }
}

extension TrainingConfiguration.ForceScale {
  fileprivate init?(_ data: inout ConfigurationSection) throws(TrainingError) {
    let found = try data.automatic(
      "force_scale", "a force in eV/Å above 0, or auto, is needed"
    ) { $0 > 0 }
    guard let found else { return nil }
    self = found.map(Self.value) ?? .fromData
  }
}

extension TrainingConfiguration.Start {
  fileprivate init(
    _ node: ConfigurationNode, file: String, resolved: (String) -> String
  ) throws(TrainingError) {
    var section = try ConfigurationSection(node, name: "model", file: file)
    if let path = try section.text("from") {
      let angles = try section.take("angles").map { node throws(TrainingError) in
        guard let angles = DimeNetConfiguration.Angles(rawValue: try section.text(node, "angles"))
        else { throw section.refusal("angles", node, "released or full is needed") }
        return angles
      }
      self = .model(resolved(path), angles: angles)
      try section.finish()
      return
    }
    let possible = NetworkModel.Architecture.names
    let names = possible.joined(separator: ", ")
    let nameNode = try section.require("architecture", "possible are \(names)")
    let name = try section.text(nameNode, "architecture")
    guard possible.contains(name), let base = NetworkModel.Architecture(named: name) else {
      throw section.refusal("architecture", nameNode, "possible are \(names)")
    }
    let members = section.takeAll()
    func architecture(
      _ members: [ConfigurationNode.Member]
    ) throws(ModelFileError) -> NetworkModel.Architecture {
      try NetworkModel.Architecture(
        name: base.name,
        attributes: .object(members.map { JSONText.Member($0.key, $0.value.json) }), base: base)
    }
    do {
      self = .untrained(try architecture(members))
    } catch {
      // The argument at fault is the one that is refused by itself too.
      let wrong = members.first { member in
        do throws(ModelFileError) { _ = try architecture([member]) } catch let other {
          return other == error
        }
        return false
      }
      throw .configuration(file: file, line: wrong?.line ?? node.line, reason: error.reason)
    }
  }
}

extension TrainingConfiguration.Source {
  /// Paths, or sections with a path, one after the other; or a single one.
  fileprivate static func list(
    _ node: ConfigurationNode, _ parent: ConfigurationSection, file: String,
    resolved: (String) -> String
  ) throws(TrainingError) -> [Self] {
    var items = [node]
    if case .list(let several) = node.content { items = several }
    guard !items.isEmpty else { throw parent.refusal("train", node, "it is empty") }
    var sources: [Self] = []
    for item in items {
      sources.append(
        try Self(item, name: nil, key: "data.train", file: file, isTrained: true, resolved))
    }
    return sources
  }

  /// Sets by name.
  fileprivate static func named(
    _ node: ConfigurationNode, file: String, resolved: (String) -> String
  ) throws(TrainingError) -> [Self] {
    var section = try ConfigurationSection(node, name: "data.validation", file: file)
    var sources: [Self] = []
    for member in section.takeAll() {
      sources.append(
        try Self(
          member.value, name: member.key, key: "data.validation.\(member.key)", file: file,
          isTrained: false, resolved))
    }
    return sources
  }

  private init(
    _ node: ConfigurationNode, name: String?, key: String, file: String, isTrained: Bool,
    _ resolved: (String) -> String
  ) throws(TrainingError) {
    if case .scalar(let text, _) = node.content, !text.isEmpty {
      (self.name, path) = (name ?? text, resolved(text))
      return
    }
    var section = try ConfigurationSection(node, name: key, file: file)
    let pathNode = try section.require("path", "a file or folder of labelled frames")
    let text = try section.text(pathNode, "path")
    (self.name, path) = (name ?? text, resolved(text))
    if isTrained,
      let weight = try section.number(
        "weight", "a number above 0 and up to 1000 is needed", { $0 > 0 && $0 <= 1000 })
    {
      self.weight = weight
    }
    limit = try section.count("limit", 1...1_000_000_000)
    if let value = section.take("select") {
      let text = try section.text(value, "select")
      filters = text.split(separator: " ").compactMap { FrameFilter(String($0)) }
      guard !filters.isEmpty, filters.count == text.split(separator: " ").count else {
        throw section.refusal(
          "select", value, "conditions with blanks between them are needed, such as natoms<100")
      }
    }
    takesUnconverged = try section.flag("unconverged") ?? false
    try section.finish()
  }
}
