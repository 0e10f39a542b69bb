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
  /// - Throws: if the network has more numbers than can be stored.
  public init(untrained architecture: Architecture, seed: UInt64) throws(ModelFileError) {
    let catalogue = architecture.catalogue
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
      case .counter, .constant, .copy: continue
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
    case .multiplesOfPi: return (0..<count).map { Float(Double($0 + 1) * .pi) }
    case .orthogonal: return orthogonal(shape[0], shape[1], &generator)
    case .uniform(let largest): bound = largest
    case .xavier: bound = (6 / Double(shape.reduce(0, +))).squareRoot()
    case .inputs(let inputs): bound = 1 / Double(inputs).squareRoot()
    }
    return (0..<count).map { _ in Float(generator.uniform(-bound, bound)) }
  }

  /// Normal numbers made orthogonal by Gram and Schmidt, the shorter way round, then scaled.
  private func orthogonal(
    _ rows: Int, _ columns: Int, _ generator: inout SeededGenerator
  ) -> [Float] {
    let (count, length) = (min(rows, columns), max(rows, columns))
    var vectors: [[Double]] = []
    while vectors.count < count {
      var vector = (0..<length).map { _ in generator.normal() }
      // Twice, so that rounding leaves nothing of the others.
      for _ in 0..<2 {
        for other in vectors {
          let overlap = dot(vector, other, kernels: .portable)
          for k in vector.indices { vector[k] -= overlap * other[k] }
        }
      }
      let norm = dot(vector, vector, kernels: .portable).squareRoot()
      guard norm > 1e-9 else { continue }
      vectors.append(vector.map { $0 / norm })
    }
    let all = (0..<rows).flatMap { row in
      (0..<columns).map { rows <= columns ? vectors[row][$0] : vectors[$0][row] }
    }
    let mean = all.reduce(0, +) / Double(all.count)
    let squares = all.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let variance = squares / Double(max(1, all.count - 1))
    // A single number has no variance; it stays as it is.
    let scale = variance > 0 ? (2 / (Double(rows + columns) * variance)).squareRoot() : 1
    return all.map { Float($0 * scale) }
  }
}
