// SPDX-License-Identifier: MIT

/// A symmetric 3 × 3 tensor, such as a virial (eV) or a stress (eV/Å³).
public struct SymmetricTensor: Hashable, Sendable {
  /// Components on the diagonal.
  public var xx: Double, yy: Double, zz: Double
  /// Components off the diagonal.
  public var yz: Double, xz: Double, xy: Double

  /// A tensor of these components.
  public init(xx: Double, yy: Double, zz: Double, yz: Double, xz: Double, xy: Double) {
    (self.xx, self.yy, self.zz) = (xx, yy, zz)
    (self.yz, self.xz, self.xy) = (yz, xz, xy)
  }

  /// All components 0.
  public static let zero = SymmetricTensor(xx: 0, yy: 0, zz: 0, yz: 0, xz: 0, xy: 0)

  /// From six numbers in the order of Voigt: xx, yy, zz, yz, xz, xy.
  public init(voigt numbers: [Double]) {
    precondition(numbers.count == 6, "\(numbers.count) numbers for a symmetric tensor")
    self.init(
      xx: numbers[0], yy: numbers[1], zz: numbers[2], yz: numbers[3], xz: numbers[4],
      xy: numbers[5])
  }

  /// The six numbers in the order of Voigt, as ASE gives stresses: xx, yy, zz, yz, xz, xy.
  public var voigt: [Double] { [xx, yy, zz, yz, xz, xy] }

  /// The symmetric part of `a` ⊗ `b`.
  public init(product a: Vector3, _ b: Vector3) {
    self.init(
      xx: a.x * b.x, yy: a.y * b.y, zz: a.z * b.z, yz: 0.5 * (a.y * b.z + a.z * b.y),
      xz: 0.5 * (a.x * b.z + a.z * b.x), xy: 0.5 * (a.x * b.y + a.y * b.x))
  }

  /// Component by component.
  public static func + (a: SymmetricTensor, b: SymmetricTensor) -> SymmetricTensor {
    SymmetricTensor(
      xx: a.xx + b.xx, yy: a.yy + b.yy, zz: a.zz + b.zz, yz: a.yz + b.yz, xz: a.xz + b.xz,
      xy: a.xy + b.xy)
  }

  /// Adds component by component.
  public static func += (a: inout SymmetricTensor, b: SymmetricTensor) { a = a + b }

  /// Every component times `scale`.
  public static func * (scale: Double, a: SymmetricTensor) -> SymmetricTensor {
    SymmetricTensor(
      xx: scale * a.xx, yy: scale * a.yy, zz: scale * a.zz, yz: scale * a.yz, xz: scale * a.xz,
      xy: scale * a.xy)
  }
}
