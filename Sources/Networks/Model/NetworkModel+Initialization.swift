// SPDX-License-Identifier: MIT

import Numerics

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
      case .runningStatistic(let value):
        values = Array(repeating: value, count: specification.count)
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

extension SeededGenerator {
  /// A number from the normal distribution of mean 0 and variance 1.
  ///
  /// By comparing uniform numbers only (von Neumann's way to exponentials, Karney 2016), so no
  /// logarithm's last digit can differ between machines.
  mutating func normal() -> Double {
    while true {
      // k + x, where k has a discrete normal distribution and x what is left.
      var k = 0
      while succeeds(0.5) { k += 1 }
      guard (0..<k * max(0, k - 1)).allSatisfy({ _ in succeeds(0.5) }) else { continue }
      let x = uniform()
      let exponent = x * (2 * Double(k) + x) / 2
      let pieces = k + 1
      guard (0..<pieces).allSatisfy({ _ in succeeds(exponent / Double(pieces)) }) else { continue }
      let value = Double(k) + x
      return next() & 1 == 0 ? value : -value
    }
  }

  /// True with the probability e⁻ᵗ, t between 0 and 1: whether a falling sequence of uniform numbers
  /// below t has an even length.
  private mutating func succeeds(_ t: Double) -> Bool {
    var last = t
    var isEven = true
    while true {
      let number = uniform()
      guard number < last else { return isEven }
      last = number
      isEven.toggle()
    }
  }
}
