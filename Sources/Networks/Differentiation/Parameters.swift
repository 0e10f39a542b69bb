// SPDX-License-Identifier: MIT

import Files

/// What training changes of a model: its trained numbers in one array, and the running statistics of
/// its batch normalisations in another, each in the order of the catalogue.
public struct Parameters: Sendable {
  /// A tensor's place in an array.
  public struct Place: Hashable, Sendable {
    /// Name in the released code.
    public var name: String
    /// Length along each dimension.
    public var shape: [Int]
    /// Where its numbers are, the last index running fastest.
    public var range: Range<Int>
  }

  /// Where each trained tensor lies in `values`.
  public let trained: [Place]
  /// Running means and variances.
  public let statistics: [Place]
  /// Numbers of the trained tensors.
  public var values: [Float]
  /// Numbers of the running statistics.
  public var statisticValues: [Float]

  /// Takes them out of a complete model.
  public init(_ model: NetworkModel) {
    var parts: [(places: [Place], values: [Float])] = [([], []), ([], [])]
    for specification in model.architecture.catalogue {
      let part: Int
      switch specification.role {
      case .trained: part = 0
      case .runningMean, .runningVariance: part = 1
      case .constant, .counter, .copy: continue
      }
      guard let tensor = model.tensors[specification.name] else {
        preconditionFailure("the model was not checked: it has no \(specification.name)")
      }
      let start = parts[part].values.count
      parts[part].values += tensor.values
      parts[part].places.append(
        Place(
          name: specification.name, shape: tensor.shape, range: start..<start + tensor.values.count
        ))
    }
    (trained, values) = parts[0]
    (statistics, statisticValues) = parts[1]
  }

  /// Puts them back into the model that they came from.
  public func store(in model: inout NetworkModel) {
    for (places, numbers) in [(trained, values), (statistics, statisticValues)] {
      for place in places {
        model.tensors[place.name] = Tensor(shape: place.shape, values: Array(numbers[place.range]))
      }
    }
  }
}
