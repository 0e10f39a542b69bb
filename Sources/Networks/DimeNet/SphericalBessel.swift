// SPDX-License-Identifier: MIT

import CLibrary

/// Spherical Bessel functions j_l, their zeros, and the normalised functions that DimeNet++ is made of.
enum SphericalBessel {
  /// j_0 … j_`last` at x ≥ 0.
  ///
  /// Below x = l + 1 by the power series, which loses nothing there; above by the recursion upward,
  /// which is stable there.
  static func values(upTo last: Int, at x: Double) -> [Double] {
    var j = [Double](repeating: 0, count: last + 1)
    for l in 0...last {
      if x < Double(l + 1) {
        j[l] = series(l, x)
      } else if l == 0 {
        j[0] = sin(x) / x
      } else if l == 1 {
        j[1] = sin(x) / (x * x) - cos(x) / x
      } else {
        j[l] = Double(2 * l - 1) / x * j[l - 1] - j[l - 2]
      }
    }
    return j
  }

  /// j_l, its first and second derivative at x ≥ 0.
  static func jet(_ l: Int, at x: Double) -> (value: Double, slope: Double, curvature: Double) {
    let j = values(upTo: l + 2, at: x)
    // (2l + 1) j_l′ = l j_(l−1) − (l + 1) j_(l+1): nothing is divided by x.
    func slope(_ l: Int) -> Double {
      ((l > 0 ? Double(l) * j[l - 1] : 0) - Double(l + 1) * j[l + 1]) / Double(2 * l + 1)
    }
    let curvature =
      ((l > 0 ? Double(l) * slope(l - 1) : 0) - Double(l + 1) * slope(l + 1)) / Double(2 * l + 1)
    return (j[l], slope(l), curvature)
  }

  /// x^l / (2l+1)!! Σ (−x²/2)^k / (k! (2l+3)(2l+5) …).
  private static func series(_ l: Int, _ x: Double) -> Double {
    var term = 1.0
    for k in 0..<l { term *= x / Double(2 * k + 3) }
    var sum = term
    var k = 1.0
    while abs(term) > 1e-18 * abs(sum) && term != 0 {
      term *= -0.5 * x * x / (k * (2 * Double(l) + 2 * k + 1))
      sum += term
      k += 1
    }
    return sum
  }

  /// The first `count` zeros above 0 of j_0 … j_(`degrees`−1), rounded to single precision as the released
  /// code's library does, which looks for those of a degree between the rounded ones of the degree below.
  static func zeros(degrees: Int, count: Int) -> [[Float]] {
    var bounds = (1..<count + degrees).map { Double($0) * .pi }
    var zeros = [(1...count).map { Float(Double($0) * .pi) }]
    for l in 1..<max(1, degrees) {
      let found = (0..<bounds.count - 1).map { k in
        Float(zero(of: l, between: bounds[k], and: bounds[k + 1]))
      }
      zeros.append(Array(found.prefix(count)))
      bounds = found.map(Double.init)
    }
    return zeros
  }

  private static func zero(of l: Int, between low: Double, and high: Double) -> Double {
    var (low, high) = (low, high)
    let sign = values(upTo: l, at: low)[l] > 0
    while true {
      let middle = 0.5 * (low + high)
      guard middle > low && middle < high else { return middle }
      if (values(upTo: l, at: middle)[l] > 0) == sign { low = middle } else { high = middle }
    }
  }

  /// √2 / |j_(l+1)(z)|, in single precision as in the released code's library.
  static func normalizer(_ l: Int, zero: Float) -> Double {
    let next = Float(values(upTo: l + 1, at: Double(zero))[l + 1])
    return Double(1 / (0.5 * next * next).squareRoot())
  }
}
