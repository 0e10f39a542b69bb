// SPDX-License-Identifier: MIT

import Foundation
import Networks

/// Functions that features are spread over, by their formulas.
extension ReferenceLayers {
  /// sin(ω x) or another function of every feature, frequency by frequency; `table` holds the
  /// frequencies, one a feature and function.
  func smeared(_ x: Rows, _ table: String, _ function: (Double) -> Double) -> Rows {
    let frequencies = vector(table)
    return x.map { row in
      frequencies.indices.map { function(frequencies[$0] * row[$0 % row.count]) }
    }
  }

  /// exp(−(x − µ)² / 2Δ²), with Δ the distance between neighbouring centres.
  func gaussians(_ x: Rows, _ table: String) -> Rows {
    let centers = vector(table)
    return x.map { row in
      // Taken in single precision, as in the released code.
      let spacing = Double(Float(centers[row.count]) - Float(centers[0]))
      return centers.indices.map { k in
        let u = (row[k % row.count] - centers[k]) / spacing
        return exp(-0.5 * u * u)
      }
    }
  }

  /// The basis of features without direction, or with, if harmonics do not take part.
  func plainBasis(_ x: Rows, _ name: String, _ basis: Basis, _ activation: Activation) -> Traced {
    switch basis {
    case .powerSine, .fourierSine: Traced(smeared(x, name + ".smearing.freq_filter", sin))
    case .powerCosine: Traced(smeared(x, name + ".smearing.freq_filter", cos))
    case .gaussian: Traced(gaussians(x, name + ".smearing.offset"))
    case .linearActivation: activated(linear(Traced(x), name + ".smearing.0"), activation)
    case .raw, .concatenatedRaw: Traced(x)
    case .spherical: preconditionFailure("harmonics of features without direction")
    }
  }

  /// Harmonics and distances brought together.
  func sphericalBasis(
    _ harmonics: Rows, _ distances: Rows, _ name: String, _ radial: Basis.Radial
  ) -> Traced {
    let factors: Traced
    switch radial {
    case .concatenated:
      return Traced(
        concatenated(harmonics, smeared(distances, name + ".smearing_sine.freq_filter", sin)))
    case .bare: factors = Traced(distances)
    case .multiplied, .fortyMultiplied:
      let sines = smeared(distances, name + ".smearing_sine.freq_filter", sin)
      note(name + ".smearing_sine/in0", distances)
      note(name + ".smearing_sine/out", sines)
      factors = linear(Traced(sines), name + ".lin")
    }
    let products = zip(harmonics, factors.rows).map { harmonics, factors in
      harmonics.flatMap { y in factors.map { y * $0 } }
    }
    return traced(products) { slopes in
      factors.receive(
        slopes.indices.map { edge in
          factors.rows[edge].indices.map { s in
            harmonics[edge].indices.reduce(0) { sum, m in
              sum + harmonics[edge][m] * slopes[edge][m * factors.rows[edge].count + s]
            }
          }
        })
    }
  }
}

/// Spherical harmonics by their definition in angles.
///
/// Y = √((2l+1)/4π · (l−m)!/(l+m)!) P_l^m(cos θ) e^{imφ}, with the Condon–Shortley phase. The real
/// parts of order 0 come first, then those of higher orders, then imaginary parts.
func referenceHarmonics(
  _ direction: [Double], degrees: Int, which: Basis.Degrees
) -> [Double] {
  let polar = acos(min(1, max(-1, direction[2])))
  let azimuth = atan2(direction[1], direction[0])
  var (zonal, real, imaginary): ([Double], [Double], [Double]) = ([], [], [])
  for l in 0..<degrees where which == .all || (l % 2 == 1) == (which == .sine) {
    for m in 0...l {
      let size =
        (Double(2 * l + 1) / (4 * .pi) * factorial(l - m) / factorial(l + m)).squareRoot()
        * legendre(l, m, polar)
      if m == 0 {
        zonal.append(size)
      } else {
        real.append(size * cos(Double(m) * azimuth))
        imaginary.append(size * sin(Double(m) * azimuth))
      }
    }
  }
  return zonal + real + imaginary
}

private func factorial(_ n: Int) -> Double { n < 2 ? 1 : Double(n) * factorial(n - 1) }

/// P_l^m(cos θ) = (−sin θ)ᵐ dᵐP_l/dxᵐ, from the coefficients of Legendre's polynomial.
private func legendre(_ l: Int, _ m: Int, _ polar: Double) -> Double {
  var coefficients = [Double](repeating: 0, count: l + 1)
  for k in 0...(l / 2) {
    coefficients[l - 2 * k] =
      (k % 2 == 0 ? 1 : -1) * factorial(2 * l - 2 * k)
      / (factorial(k) * factorial(l - k) * factorial(l - 2 * k) * exp2(Double(l)))
  }
  for _ in 0..<m {
    coefficients = coefficients.indices.dropFirst().map { Double($0) * coefficients[$0] }
  }
  let value = coefficients.reversed().reduce(0) { $0 * cos(polar) + $1 }
  return pow(-sin(polar), Double(m)) * value
}
