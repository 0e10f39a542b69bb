// SPDX-License-Identifier: MIT

/// Where the numbers of each tensor are among the parameters of a network.
struct ParameterPlaces: Sendable {
  private let ranges: [String: Range<Int>]

  init(_ parameters: Parameters) {
    let places = parameters.trained + parameters.statistics
    ranges = Dictionary(uniqueKeysWithValues: places.map { ($0.name, $0.range) })
  }

  /// The place of a trained tensor among the trained numbers, of a statistic among the statistics.
  subscript(tensor: TensorSpecification) -> Range<Int> {
    guard let range = ranges[tensor.name] else {
      preconditionFailure("no parameters named \(tensor.name)")
    }
    return range
  }
}
