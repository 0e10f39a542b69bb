// SPDX-License-Identifier: MIT

import Files
import Structures

extension NetworkModel {
  /// Checks that the tensors are those of the architecture, fills in constant tables and counters
  /// that were left out, and drops second names of tensors.
  ///
  /// - Throws: `ModelFileError` naming the first tensor that is missing, has another shape, is not of
  ///   this network, or holds a number that cannot be one of a trained network.
  public mutating func requireComplete() throws(ModelFileError) {
    guard !isComplete else { return }
    guard !tensors.isEmpty else { throw ModelFileError("there are no tensors") }
    let catalogue = architecture.catalogue
    for name in Self.unusedTensors { tensors[name] = nil }
    try requireKnown(catalogue)
    for specification in catalogue {
      let name = specification.name
      switch specification.role {
      case .counter:
        if counters[name] == nil { counters[name] = 0 }
        continue
      case .constant where tensors[name] == nil:
        tensors[name] = specification.table
        continue
      case .copy(let original):
        if let copy = tensors.removeValue(forKey: name), copy != tensors[original] {
          throw ModelFileError(
            "it is not equal to \(Quote.name(original)), of which it is a second name",
            tensor: name)
        }
        continue
      default: break
      }
      guard let tensor = tensors[name] else {
        throw ModelFileError(
          "it is missing; \(architecture.name) needs \(Quote.shape(specification.shape))",
          tensor: name)
      }
      guard tensor.shape == specification.shape else {
        throw ModelFileError(
          "it is \(Quote.shape(tensor.shape)), where \(architecture.name) with this configuration "
            + "needs \(Quote.shape(specification.shape))", tensor: name)
      }
      if !specification.mayHaveGaps { try requireFinite(name) }
      if case .constant(.lengths) = specification.role, tensor.values[1] <= tensor.values[0] {
        throw ModelFileError(
          "its first two numbers are \(tensor.values[0]) and \(tensor.values[1]), where the distance "
            + "of them is the width of Gaussians", tensor: name)
      }
      if specification.role == .runningVariance,
        let negative = tensor.values.first(where: { $0 < 0 })
      {
        throw ModelFileError("it holds \(negative), where variances are needed", tensor: name)
      }
    }
    isComplete = true
  }

  private func requireKnown(_ catalogue: [TensorSpecification]) throws(ModelFileError) {
    let names = Set(catalogue.lazy.filter { $0.role != .counter }.map(\.name))
    let counterNames = Set(catalogue.lazy.filter { $0.role == .counter }.map(\.name))
    let extra =
      tensors.keys.filter { !names.contains($0) }
      + counters.keys.filter { !counterNames.contains($0) }
    // The one that comes first by name, so that the message is the same every time.
    guard let first = extra.min() else { return }
    throw ModelFileError(
      "\(architecture.name) with this configuration has no such tensor", tensor: first)
  }

  private func requireFinite(_ name: String) throws(ModelFileError) {
    guard let values = tensors[name]?.values, !values.isFinite,
      let place = values.firstIndex(where: { !$0.isFinite })
    else { return }
    throw ModelFileError("number \(place + 1) of \(values.count) is \(values[place])", tensor: name)
  }

  /// Tensors that newer versions of the released code's library save and nothing is computed from.
  private static let unusedTensors = ["atomic_mass"]

  /// Trained numbers; what has two names (`conv.nn` of SchNet) counts once.
  public var trainableParameterCount: Int {
    architecture.catalogue.lazy.filter(\.isTrained).map(\.count).reduce(0, +)
  }

  /// Trained numbers and those of constant tables: what the released code calls `num_params`.
  public var parameterCount: Int {
    trainableParameterCount
      + architecture.catalogue.lazy.filter(\.isConstant).map(\.count).reduce(0, +)
  }

  /// Whether a tensor of this name in any of the released networks is not trained, or has another name
  /// under which it is.
  static func isBuffer(_ name: String) -> Bool {
    let suffixes = [
      "atom_map", "atom_radii", "atomic_mass", ".freq_filter", "smearing.offset",
      "distance_expansion.offset", ".running_mean", ".running_var",
    ]
    return suffixes.contains { name.hasSuffix($0) } || isSecondName(name)
  }

  /// Whether a tensor of this name is another one's second name: SchNet's filters have two.
  static func isSecondName(_ name: String) -> Bool { name.contains(".conv.nn.") }

  /// Elements that the network can be asked about: those that its tables, or its trained vectors,
  /// have a row for.
  public var knownElements: Set<Element> {
    let all = Set((1...118).compactMap { Element(atomicNumber: $0) })
    let tables = architecture.plan.tablesOfElements.map(\.name)
    return all.filter { element in tables.allSatisfy { hasRow(element, $0) } }
  }

  private func hasRow(_ element: Element, _ name: String) -> Bool {
    let number = Int(element.atomicNumber)
    guard let tensor = tensors[name], let rows = tensor.shape.first, number < rows else {
      return false
    }
    let width = tensor.values.count / rows
    return tensor.values[number * width..<(number + 1) * width].isFinite
  }
}

extension RandomAccessCollection where Element == Float {
  /// Whether none is NaN or infinite.
  fileprivate var isFinite: Bool {
    // 0 times a number is 0, times anything else NaN: no branch, so it costs little for millions.
    var sum: Float = 0
    for value in self { sum += value * 0 }
    return sum == 0
  }
}
