// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Real spherical harmonics Y_lm, orthonormal on the sphere, with their gradients.
///
/// In row l² + l + m stands √2 N Π_l^|m|(z) times the real (m > 0) or imaginary (m < 0) part of (x + iy)^|m|,
/// where Π_l^m is the m-th derivative of Legendre's polynomial of degree l; without √2 for m = 0.
struct RealHarmonics {
  /// Degrees from 0 on.
  let degrees: Int
  /// Number of functions.
  var count: Int { degrees * degrees }
  /// √((2l + 1)/4π · (l − m)!/(l + m)!), and √2 for m > 0; in row l and column m.
  private let norms: [Double]

  /// Functions of degrees below `degrees`.
  init(degrees: Int) {
    self.degrees = degrees
    var norms = [Double](repeating: 0, count: degrees * degrees)
    for l in 0..<degrees {
      for m in 0...l {
        var square = Double(2 * l + 1) / (4 * Double.pi) * (m > 0 ? 2 : 1)
        if m > 0 { for k in (l - m + 1)...(l + m) { square /= Double(k) } }
        norms[l * degrees + m] = square.squareRoot()
      }
    }
    self.norms = norms
  }

  /// Fills row `row` of `values` with the functions at a unit vector.
  func fill(_ row: Int, of values: FloatMatrix, at v: Vector3) {
    visit(v) { place, value, _ in values[row, place] = Float(value) }
  }

  /// Fills row `row` of `values` with the functions' derivatives where a unit vector moves along `direction`,
  /// which stands across it.
  func fillTangents(
    _ row: Int, of values: FloatMatrix, at v: Vector3, along direction: Vector3
  ) {
    visit(v) { place, _, gradient in
      values[row, place] = Float((gradient * direction).sum())
    }
  }

  /// Σ slope ∇Y at a unit vector, the part of it across the vector.
  func gradient(at v: Vector3, _ slope: (Int) -> Double) -> Vector3 {
    var sum = Vector3.zero
    visit(v) { place, _, gradient in sum += gradient * slope(place) }
    return sum - v * (sum * v).sum()
  }

  /// Visits each function with its place, value, and gradient as a polynomial in x, y and z.
  private func visit(_ v: Vector3, _ body: (Int, Double, Vector3) -> Void) {
    // Π_l^m by rows l and columns m, one more column since the derivative of Π_l^m is Π_l^(m+1).
    let width = degrees + 1
    var legendre = [Double](repeating: 0, count: degrees * width)
    for l in 0..<degrees {
      for m in 0...l {
        legendre[l * width + m] =
          if l == m {
            l == 0 ? 1 : Double(2 * l - 1) * legendre[(l - 1) * width + l - 1]
          } else {
            (Double(2 * l - 1) * v.z * legendre[(l - 1) * width + m]
              - (l > m + 1 ? Double(l + m - 1) * legendre[(l - 2) * width + m] : 0))
              / Double(l - m)
          }
      }
      legendre[l * width + l + 1] = 0
    }
    // (x + iy)^m, and the power below it.
    var (power, below) = (SIMD2<Double>(1, 0), SIMD2<Double>(0, 0))
    for m in 0..<degrees {
      let factor = Double(m)
      for l in m..<degrees {
        let norm = norms[l * degrees + m]
        let (p, slope) = (norm * legendre[l * width + m], norm * legendre[l * width + m + 1])
        let place = l * l + l
        body(
          place + m, p * power.x,
          Vector3(p * factor * below.x, -p * factor * below.y, slope * power.x))
        if m > 0 {
          body(
            place - m, p * power.y,
            Vector3(p * factor * below.y, p * factor * below.x, slope * power.y))
        }
      }
      below = power
      power = SIMD2(power.x * v.x - power.y * v.y, power.x * v.y + power.y * v.x)
    }
  }
}
