// SPDX-License-Identifier: MIT

import Foundation

/// A number and its derivative along some direction: what a pass in reverse gives of duals is the gradient
/// and, as their tangents, the derivative of the gradient along that direction.
struct Dual: Hashable {
  var value: Double
  var tangent = 0.0

  init(_ value: Double, _ tangent: Double = 0) { (self.value, self.tangent) = (value, tangent) }

  static func + (a: Dual, b: Dual) -> Dual { Dual(a.value + b.value, a.tangent + b.tangent) }
  static func - (a: Dual, b: Dual) -> Dual { Dual(a.value - b.value, a.tangent - b.tangent) }
  static prefix func - (a: Dual) -> Dual { Dual(-a.value, -a.tangent) }
  static func * (a: Dual, b: Dual) -> Dual {
    Dual(a.value * b.value, a.tangent * b.value + a.value * b.tangent)
  }
  static func / (a: Dual, b: Dual) -> Dual {
    let value = a.value / b.value
    return Dual(value, (a.tangent - value * b.tangent) / b.value)
  }
  static func * (a: Double, b: Dual) -> Dual { Dual(a * b.value, a * b.tangent) }
  static func + (a: Dual, b: Double) -> Dual { Dual(a.value + b, a.tangent) }
  static func - (a: Double, b: Dual) -> Dual { Dual(a - b.value, -b.tangent) }
  static func / (a: Double, b: Dual) -> Dual { Dual(a) / b }
  static func += (a: inout Dual, b: Dual) { a = a + b }

  /// A function with its derivative.
  func map(_ value: (Double) -> Double, _ slope: (Double) -> Double) -> Dual {
    Dual(value(self.value), tangent == 0 ? 0 : slope(self.value) * tangent)
  }

  var sine: Dual { map(sin, cos) }
  var cosine: Dual { map(cos) { -sin($0) } }
  var exponential: Dual { map(exp, exp) }
  /// 0 has the slope 0, as in the released code's library.
  var squareRoot: Dual { map({ $0.squareRoot() }) { $0 > 0 ? 0.5 / $0.squareRoot() : 0 } }

  func power(_ exponent: Int) -> Dual {
    (0..<exponent).reduce(Dual(1)) { product, _ in product * self }
  }
}
