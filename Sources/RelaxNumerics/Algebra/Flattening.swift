// SPDX-License-Identifier: MIT

extension Array where Element == Vector3 {
  /// The components one after another: x, y, z of the first vector, then of the next.
  public var flattened: [Double] {
    [Double](unsafeUninitializedCapacity: 3 * count) { buffer, size in
      for (i, vector) in enumerated() {
        buffer[3 * i] = vector.x
        buffer[3 * i + 1] = vector.y
        buffer[3 * i + 2] = vector.z
      }
      size = 3 * count
    }
  }

  /// Vectors from components one after another; the inverse of `flattened`.
  public init(components: [Double]) {
    precondition(components.count % 3 == 0, "\(components.count) components are no whole vectors")
    self = (0..<components.count / 3).map {
      Vector3(components[3 * $0], components[3 * $0 + 1], components[3 * $0 + 2])
    }
  }

  /// Length of the longest vector; NaN if any length is NaN, 0 for an empty array.
  public var largestLength: Double {
    var largest = 0.0
    for vector in self {
      let squared = vector.lengthSquared
      if squared.isNaN { return .nan }
      if squared > largest { largest = squared }
    }
    return largest.squareRoot()
  }

  /// Whether all components are finite.
  public var areFinite: Bool { allSatisfy { $0.isFinite } }
}
