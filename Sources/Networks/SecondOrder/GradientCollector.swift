// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Lays out the matrices in which threads add up derivatives, and takes them to the parameters.
final class GradientCollector {
  private let places: ParameterPlaces
  private let values: [Float]
  private var shapes: [(rows: Int, columns: Int)] = []
  private var deliveries: [(FloatMatrices, inout [Float]) -> Void] = []

  /// The sums of all threads, by number.
  typealias FloatMatrices = [FloatMatrix]

  init(_ parameters: Parameters, _ places: ParameterPlaces) {
    (self.places, values) = (places, parameters.values)
  }

  /// A matrix of its own for sums; `deliver` takes the sum of all threads to the gradient.
  func reserve(
    rows: Int, columns: Int, _ deliver: @escaping (FloatMatrix, inout [Float]) -> Void
  ) -> Int {
    let number = shapes.count
    shapes.append((rows, columns))
    deliveries.append { sums, gradient in deliver(sums[number], &gradient) }
    return number
  }

  /// A matrix for the derivatives by a tensor, or by some of its columns.
  func reserve(
    _ tensor: TensorSpecification, rows: Int, columns: Range<Int>, of width: Int
  ) -> Int {
    let start = places[tensor].lowerBound + columns.lowerBound
    return reserve(rows: rows, columns: columns.count) { sum, gradient in
      sum.add(to: &gradient, at: start, step: width)
    }
  }

  /// Matrices of zeros for one thread.
  func makeMatrices() -> FloatMatrices {
    shapes.map { FloatMatrix(rows: $0.rows, columns: $0.columns) }
  }

  /// Adds the sums of threads, in their order, to `gradient`.
  func deliver(_ threads: [FloatMatrices], to gradient: inout [Float]) {
    guard let first = threads.first else { return }
    for other in threads.dropFirst() {
      for (sum, more) in zip(first, other) { sum.add(more) }
    }
    for deliver in deliveries { deliver(first, &gradient) }
  }

  /// A tensor's numbers, its rows of `width`.
  func rectangle(
    _ tensor: TensorSpecification, rows: Int, columns: Range<Int>, of width: Int
  ) -> FloatRectangle {
    FloatRectangle(
      rows: rows, columns: columns.count, of: values,
      at: places[tensor].lowerBound + columns.lowerBound, step: width)
  }

  /// A tensor as a matrix.
  func matrix(_ tensor: TensorSpecification, rows: Int, columns: Int) -> FloatMatrix {
    FloatMatrix(rectangle(tensor, rows: rows, columns: 0..<columns, of: columns))
  }

  /// Where the derivatives by a tensor begin.
  func place(_ tensor: TensorSpecification) -> Int { places[tensor].lowerBound }
}
