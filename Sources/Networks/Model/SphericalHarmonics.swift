// SPDX-License-Identifier: MIT

import RelaxNumerics

/// Spherical harmonics of a direction, in the order and with the normalisation of the released
/// code: orthonormal complex harmonics with the Condon–Shortley phase, first those of order 0, then
/// the real parts of orders above 0, then the imaginary parts of the same; no factor √2.
///
/// Directions enter as they are: azimuth and polar angle are never formed, so nothing is lost near
/// the poles.
public struct SphericalHarmonics: Hashable, Sendable {
  /// Number of functions.
  public let count: Int
  private let degrees: Int
  /// Place of the real part of each (l, m), and of the imaginary part if m > 0; l-major, m ≤ l.
  private let places: [Place]

  private struct Place: Hashable {
    var degree: Int, order: Int
    var real: Int, imaginary: Int
    /// √((2l + 1)/4π · (l − m)!/(l + m)!).
    var norm: Double
  }

  /// Functions of degrees below `degrees`, of which `which` takes all, the odd or the even ones.
  public init(degrees: Int, which: Basis.Degrees) {
    precondition(degrees >= 1, "harmonics of degrees below \(degrees)")
    self.degrees = degrees
    let taken = (0..<degrees).filter {
      which == .all || ($0 % 2 == 1) == (which == .sine)
    }
    let zonal = taken.count
    let others = taken.reduce(0, +)
    var places: [Place] = []
    var (nextZonal, nextOther) = (0, zonal)
    for l in taken {
      for m in 0...l {
        var norm = Double(2 * l + 1) / (4 * Double.pi)
        // (l − m)!/(l + m)! as a product of 2m factors.
        if m > 0 { for k in (l - m + 1)...(l + m) { norm /= Double(k) } }
        let real = m == 0 ? nextZonal : nextOther
        if m == 0 { nextZonal += 1 } else { nextOther += 1 }
        places.append(
          Place(
            degree: l, order: m, real: real, imaginary: real + others, norm: norm.squareRoot()))
      }
    }
    self.places = places
    count = zonal + 2 * others
  }

  /// The functions at each direction, a unit vector: `count` numbers a direction.
  ///
  /// Associated Legendre functions divided by sinᵐθ are polynomials in z by the usual recursion;
  /// sinᵐθ e^{imφ} = (x + iy)ᵐ.
  ///
  /// - Complexity: O(directions · `degrees`²).
  public func evaluate(_ directions: [Vector3]) -> [Double] {
    var values = [Double](repeating: 0, count: directions.count * count)
    var legendre = [Double](repeating: 0, count: degrees * degrees)
    var powers = [SIMD2<Double>](repeating: SIMD2(1, 0), count: degrees)
    for (number, direction) in directions.enumerated() {
      fillLegendre(direction.z, &legendre)
      for m in 1..<max(1, degrees) {
        let last = powers[m - 1]
        powers[m] = SIMD2(
          last.x * direction.x - last.y * direction.y, last.x * direction.y + last.y * direction.x)
      }
      let start = number * count
      for place in places {
        let value = place.norm * legendre[place.degree * degrees + place.order]
        values[start + place.real] = value * powers[place.order].x
        if place.order > 0 { values[start + place.imaginary] = value * powers[place.order].y }
      }
    }
    return values
  }

  /// P_l^m(z) / sinᵐθ with the Condon–Shortley phase, in row l and column m.
  private func fillLegendre(_ z: Double, _ legendre: inout [Double]) {
    var diagonal = 1.0
    for m in 0..<degrees {
      if m > 0 { diagonal *= -Double(2 * m - 1) }
      legendre[m * degrees + m] = diagonal
      guard m + 1 < degrees else { continue }
      legendre[(m + 1) * degrees + m] = z * Double(2 * m + 1) * diagonal
      for l in (m + 2)..<max(m + 2, degrees) {
        legendre[l * degrees + m] =
          (Double(2 * l - 1) * z * legendre[(l - 1) * degrees + m]
            - Double(l + m - 1) * legendre[(l - 2) * degrees + m]) / Double(l - m)
      }
    }
  }
}
