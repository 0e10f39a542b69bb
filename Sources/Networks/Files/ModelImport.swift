// SPDX-License-Identifier: MIT

import Files
import StructureFiles

/// Models from files of the released code.
public enum ModelImport {
  /// The model in a training or inference checkpoint of the released trainers, or in a plain
  /// `state_dict` (saved by `torch.save`, or a safetensors file).
  ///
  /// Prefixes `module.` and `_orig_mod.` are dropped. Where a checkpoint has averaged weights (`ema`), those are
  /// taken, as the released trainers do for every prediction. `normalizers` are taken over; energies
  /// are marked as untrained if the checkpoint gave them no weight in the loss.
  ///
  /// - Parameter description: what the network is; a checkpoint says it by itself, and keeps its
  ///   normalizers and the weight of its energies if another description is given.
  public static func read(
    _ path: String, description: ModelDescription? = nil
  ) throws(ModelFileError) -> NetworkModel {
    let file = try ModelFile.open(path)
    do throws(ModelFileError) {
      let start = try data { () throws(DataError) in
        try DataError.reading { () throws(FileError) in try file.bytes(0..<min(file.length, 16)) }
      }
      guard start.count > 8, start[8] == UInt8(ascii: "{"), !ZipArchive.isLikely(start) else {
        return try CheckpointImport(
          try ModelFile.understood(file) { () throws(DataError) in try TorchFile(file) }
        ).model(description)
      }
      return try model(ofState: file, description)
    } catch {
      throw error.of(file: path)
    }
  }

  /// The description of a network in a JSON file.
  ///
  /// - Parameter base: a network of the same kind whose arguments hold where the file has none.
  public static func readDescription(
    _ path: String, base: NetworkModel.Architecture? = nil
  ) throws(ModelFileError) -> ModelDescription {
    let file = try ModelFile.open(path)
    let longest = 16 << 20
    do throws(ModelFileError) {
      guard file.length <= longest else {
        throw ModelFileError("the file has \(file.length) bytes; \(longest) are possible")
      }
      let bytes = try data { () throws(DataError) in
        try DataError.reading { () throws(FileError) in try file.bytes(0..<file.length) }
      }
      let json: JSONText
      do { json = try JSONText(parsing: bytes) } catch { throw ModelFileError("\(error)") }
      return try ModelDescription(json, base: base)
    } catch {
      throw error.of(file: path)
    }
  }

  private static func model(
    ofState file: RandomAccessFile, _ description: ModelDescription?
  ) throws(ModelFileError) -> NetworkModel {
    let contents = try ModelFile.understood(file) { () throws(DataError) in try Safetensors(file) }
    guard let description else {
      throw ModelFileError(
        contents.metadata["config"] == nil
          ? "a file of tensors alone does not say what network it is; pass --config CONFIG.json"
          : "this is a model file already; pass --config CONFIG.json to give it another description"
      )
    }
    var state = try StateDictionary(contents)
    return try state.takeModel(description)
  }
}

/// Takes a model out of a checkpoint.
struct CheckpointImport {
  private let checkpoint: TorchFile
  private var heap: PickleHeap { checkpoint.heap }

  init(_ checkpoint: TorchFile) { self.checkpoint = checkpoint }

  func model(_ given: ModelDescription?) throws(ModelFileError) -> NetworkModel {
    guard let root = heap.dictionary(checkpoint.root) else {
      throw ModelFileError("the checkpoint is no dictionary")
    }
    guard let dictionary = nestedState(root) else {
      guard root["state_dict"] == nil, let given else {
        throw ModelFileError(
          "the checkpoint has no state_dict; if it is one itself, pass --config CONFIG.json")
      }
      var state = try self.state(root, averages: nil)
      return try state.takeModel(given)
    }
    var state = try self.state(dictionary, averages: try averages(root["ema"]))
    return try state.takeModel(try self.description(root, given))
  }

  /// The tensors of a checkpoint that holds more, under the names that trainers give them.
  private func nestedState(_ root: PickleHeap.Dictionary) -> PickleHeap.Dictionary? {
    for key in ["state_dict", "model_state_dict", "model"] {
      if let state = heap.dictionary(root[key]) { return state }
    }
    return nil
  }

  // MARK: - Tensors

  /// Tensors by name, the trained ones replaced by their averages if there are some.
  ///
  /// Averages have no names: they stand in the order of the trained tensors, of which each has one,
  /// even if it has a second name.
  private func state(
    _ dictionary: PickleHeap.Dictionary, averages: [StoredTensor]?
  ) throws(ModelFileError) -> StateDictionary {
    var state = StateDictionary()
    var rest = averages?[...]
    var replacements: [StoredTensor: StoredTensor] = [:]
    for item in dictionary.items {
      guard case .text(let name) = item.key, let stored = heap.tensor(item.value) else {
        throw ModelFileError("the state_dict holds something that is no tensor with a name")
      }
      do throws(ModelFileError) {
        if stored.storage.type.isWhole {
          guard
            let value = try data({ () throws(DataError) in try checkpoint.readWholeNumber(stored) })
          else {
            throw ModelFileError(
              "it holds \(stored.count) whole numbers, where real ones are needed")
          }
          try state.add(name, counter: value)
          continue
        }
        if rest != nil, replacements[stored] == nil,
          !NetworkModel.isBuffer(StateDictionary.bareName(name))
        {
          replacements[stored] = try next(&rest, shape: stored.shape)
        }
        // Averages of what has two names are under the first.
        if rest != nil, replacements[stored] == nil, NetworkModel.isSecondName(name) { continue }
        let source = replacements[stored] ?? stored
        try state.add(name, try data { () throws(DataError) in try checkpoint.read(source) })
      } catch {
        throw ModelFileError(error.reason, tensor: error.tensor ?? name, kind: error.kind)
      }
    }
    guard rest?.isEmpty != false else {
      throw ModelFileError(
        "the checkpoint has \(averages?.count ?? 0) averages (ema), but \(replacements.count) "
          + "trained tensors")
    }
    return state
  }

  private func next(
    _ averages: inout ArraySlice<StoredTensor>?, shape: [Int]
  ) throws(ModelFileError) -> StoredTensor {
    guard let average = averages?.popFirst() else {
      throw ModelFileError("the checkpoint has no average (ema) of it")
    }
    guard average.shape == shape else {
      throw ModelFileError(
        "its average (ema) is \(Quote.shape(average.shape)), it is itself \(Quote.shape(shape))")
    }
    return average
  }

  /// Averages of the trained tensors, or nil if the checkpoint has none.
  private func averages(_ value: PickleValue?) throws(ModelFileError) -> [StoredTensor]? {
    guard let value, value != .none else { return nil }
    guard let elements = heap.elements(heap.dictionary(value)?["shadow_params"]) else {
      throw ModelFileError("`ema` of the checkpoint has no shadow_params")
    }
    let tensors = elements.compactMap { heap.tensor($0) }
    guard tensors.count == elements.count else {
      throw ModelFileError("`ema` of the checkpoint holds something that is no tensor")
    }
    return tensors
  }

  // MARK: - Description

  /// What the checkpoint says of its network; what was `given` from elsewhere goes before it.
  private func description(
    _ root: PickleHeap.Dictionary, _ given: ModelDescription?
  ) throws(ModelFileError) -> ModelDescription {
    let config = heap.dictionary(root["config"])
    var description: ModelDescription
    if let given { description = given } else { description = try network(config) }
    if description.normalization == .none, let found = root["normalizers"], found != .none {
      guard let normalizers = heap.dictionary(found) else {
        throw ModelFileError("`normalizers` of the checkpoint are garbled")
      }
      description.normalization = try TargetNormalization(self.normalizers(normalizers))
    }
    if try energyCoefficient(config) == 0 { description.energyIsTrained = false }
    // Trainers of the released code learn the energies of OC20.
    if root["config"] != nil, description.energyReference == nil {
      description.energyReference = .adsorption
    }
    return description
  }

  /// The weight that the loss had for energies; nil where the trainer's own held.
  private func energyCoefficient(
    _ config: PickleHeap.Dictionary?
  ) throws(ModelFileError) -> Double? {
    switch heap.dictionary(config?["optim"])?["energy_coefficient"] {
    case nil, .some(.none): nil
    case .boolean(let isOn): isOn ? 1 : 0
    case let value?: try number(value, of: "energy_coefficient")
    }
  }

  private func network(
    _ config: PickleHeap.Dictionary?
  ) throws(ModelFileError) -> ModelDescription {
    guard let config else {
      throw ModelFileError("the checkpoint has no config; pass --config CONFIG.json")
    }
    var members: [JSONText.Member] = []
    for key in ["model", "model_attributes"] {
      if let value = config[key] {
        members.append(
          .init(key, try data { () throws(DataError) in try heap.json(value) }))
      }
    }
    return try ModelDescription(.object(members))
  }

  private func normalizers(
    _ normalizers: PickleHeap.Dictionary
  ) throws(ModelFileError) -> JSONText {
    var members: [JSONText.Member] = []
    for item in normalizers.items {
      guard case .text(let key) = item.key, let state = heap.dictionary(item.value) else {
        throw ModelFileError("`normalizers` of the checkpoint are garbled")
      }
      var numbers: [JSONText.Member] = []
      for name in ["mean", "std"] {
        guard let value = state[name] else { continue }
        numbers.append(.init(name, .number(try number(value, of: "normalizers"))))
      }
      members.append(.init(key, .object(numbers)))
    }
    return .object(members)
  }

  private func number(
    _ value: PickleValue, of what: String
  ) throws(ModelFileError) -> Double {
    switch value {
    case .integer(let number): return Double(number)
    case .real(let number): return number
    default: break
    }
    guard let tensor = heap.tensor(value), tensor.count == 1 else {
      throw ModelFileError("`\(what)` of the checkpoint: a number is needed")
    }
    return try data { () throws(DataError) in
      if let whole = try checkpoint.readWholeNumber(tensor) { return Double(whole) }
      return Double(try checkpoint.read(tensor).values[0])
    }
  }
}

/// Runs `body` and turns failures of contents into failures of the model.
private func data<Result>(
  _ body: () throws(DataError) -> Result
) throws(ModelFileError) -> Result {
  do { return try body() } catch { throw ModelFileError(explaining: error) }
}
