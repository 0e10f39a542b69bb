// SPDX-License-Identifier: MIT

import Files

/// Tensors and counters by name, on their way from a file into a model.
struct StateDictionary {
  private(set) var tensors: [String: Tensor] = [:]
  private(set) var counters: [String: Int] = [:]

  init() {}

  /// All tensors of a safetensors file.
  init(_ contents: Safetensors) throws(ModelFileError) {
    func read<Result>(
      _ body: () throws(DataError) -> Result
    ) throws(ModelFileError) -> Result {
      do { return try body() } catch { throw ModelFileError(explaining: error) }
    }
    for entry in contents.entries {
      if entry.type == .int64 || entry.name.hasSuffix(".num_batches_tracked") {
        try add(
          entry.name, counter: try read { () throws(DataError) in try contents.counter(entry) })
      } else {
        try add(entry.name, try read { () throws(DataError) in try contents.tensor(entry) })
      }
    }
  }

  /// Adds a tensor of reals.
  ///
  /// - Throws: if its name without the wrappers' prefixes is there already.
  mutating func add(_ name: String, _ tensor: Tensor) throws(ModelFileError) {
    tensors[try newName(name)] = tensor
  }

  /// Adds a whole number.
  mutating func add(_ name: String, counter: Int) throws(ModelFileError) {
    guard counter >= 0 else {
      throw ModelFileError("it is \(counter), where a number of batches is needed", tensor: name)
    }
    counters[try newName(name)] = counter
  }

  /// Replaces a tensor by one of the same shape.
  mutating func replace(_ name: String, by tensor: Tensor) { tensors[name] = tensor }

  /// Wrappers for several processors put `module.` before every name, some of them twice, compilers
  /// `_orig_mod.`.
  static func bareName(_ name: String) -> String {
    var rest = name[...]
    while let prefix = ["module.", "_orig_mod."].first(where: { rest.hasPrefix($0) }) {
      rest = rest.dropFirst(prefix.count)
    }
    return String(rest)
  }

  private func newName(_ name: String) throws(ModelFileError) -> String {
    let bare = StateDictionary.bareName(name)
    guard tensors[bare] == nil, counters[bare] == nil else {
      throw ModelFileError(
        "it is there more than once, apart from `module.` and `_orig_mod.`", tensor: name)
    }
    return bare
  }

  /// The complete model of these tensors; nothing is left here, so that they are not copied.
  mutating func takeModel(_ description: ModelDescription) throws(ModelFileError) -> NetworkModel {
    var model = NetworkModel(
      architecture: description.architecture, tensors: tensors,
      normalization: description.normalization)
    model.counters = counters
    model.energyIsTrained = description.energyIsTrained
    model.energyReference = description.energyReference
    model.trainedElements = description.trainedElements
    model.turns = description.turns
    self = StateDictionary()
    try model.requireComplete()
    return model
  }
}
