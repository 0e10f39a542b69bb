// SPDX-License-Identifier: MIT

import Files
import RelaxNumerics

extension NetworkModel {
  /// An untrained network.
  ///
  /// Every number comes from one `SeededGenerator` stream, so equal seeds give equal models on every
  /// machine. Tensors are filled in the order of the catalogue, numbers row by row; uniform ones
  /// take one step of the stream each, normal ones as many as they need, constants none.
  ///
  /// - Throws: if the network has no catalogue, or more numbers than can be stored.
  public init(untrained architecture: Architecture, seed: UInt64) throws(ModelFileError) {
    let catalogue = architecture.catalogue
    guard !catalogue.isEmpty else {
      throw ModelFileError("an untrained \(architecture.name) cannot be made")
    }
    let largest = 1 << 31
    let count = catalogue.lazy.map(\.count).reduce(0, +)
    guard count < largest else {
      throw ModelFileError(
        "\(architecture.name) with this configuration has \(count) numbers; \(largest) are possible"
      )
    }
    var generator = SeededGenerator(seed: seed)
    var tensors: [String: Tensor] = [:]
    for specification in catalogue {
      let values: [Float]
      switch specification.role {
      case .trained(let initialization):
        values = initialization.values(specification.shape, &generator)
      case .runningMean: values = Array(repeating: 0, count: specification.count)
      case .runningVariance: values = Array(repeating: 1, count: specification.count)
      case .counter, .constant: continue
      }
      tensors[specification.name] = Tensor(shape: specification.shape, values: values)
    }
    self.init(architecture: architecture, tensors: tensors)
    try requireComplete()
  }
}

extension Initialization {
  fileprivate func values(_ shape: [Int], _ generator: inout SeededGenerator) -> [Float] {
    let count = shape.reduce(1, *)
    let bound: Double
    switch self {
    case .constant(let value): return Array(repeating: value, count: count)
    case .normal: return (0..<count).map { _ in Float(generator.normal()) }
    case .xavier: bound = (6 / Double(shape.reduce(0, +))).squareRoot()
    case .inputs(let inputs): bound = 1 / Double(inputs).squareRoot()
    }
    return (0..<count).map { _ in Float(generator.uniform(-bound, bound)) }
  }
}
