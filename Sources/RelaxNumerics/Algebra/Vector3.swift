// SPDX-License-Identifier: MIT

/// A vector in Cartesian space; its unit is that of the quantity it holds.
public typealias Vector3 = SIMD3<Double>

extension SIMD3 where Scalar == Double {
  /// Scalar product with `other`.
  @inlinable public func dot(_ other: Self) -> Double {
    x * other.x + y * other.y + z * other.z
  }

  /// Vector product with `other`.
  @inlinable public func cross(_ other: Self) -> Self {
    Self(
      y * other.z - z * other.y,
      z * other.x - x * other.z,
      x * other.y - y * other.x)
  }

  /// Square of the Euclidean length.
  @inlinable public var lengthSquared: Double { dot(self) }

  /// Euclidean length, in the unit of the components.
  @inlinable public var length: Double { dot(self).squareRoot() }

  /// Whether all three components are finite.
  @inlinable public var isFinite: Bool { x.isFinite && y.isFinite && z.isFinite }
}
