// SPDX-License-Identifier: MIT

import CLibrary
import RelaxNumerics

/// The functions of a distance d that DimeNet++ is made of, times x = d/c, which takes their pole at 0
/// away: U(x) sin(f_n x) and U(x) N_ln j_l(z_ln x), with U(x) = x u(x) and the envelope u.
struct RadialFunctions {
  /// Å.
  let cutoff: Double
  /// f_n.
  let frequencies: [Double]
  /// z_ln, by degree.
  let zeros: [[Float]]
  /// p of the envelope: one more than its exponent.
  private let power: Int

  init(_ plan: DimeNetPlan, of model: NetworkModel) {
    self.init(plan, frequencies: model.values(plan.frequencies))
  }

  init(_ plan: DimeNetPlan, frequencies: [Double]) {
    (cutoff, self.frequencies) = (plan.cutoff, frequencies)
    zeros = SphericalBessel.zeros(degrees: plan.degrees, count: plan.radials)
    power = plan.envelopeExponent + 1
  }

  /// U and its derivatives by x.
  private func envelope(_ x: Double) -> (Double, Double, Double) {
    let p = Double(power)
    let (a, b, c) = (-(p + 1) * (p + 2) / 2, p * (p + 2), -p * (p + 1) / 2)
    let below = pow(x, p - 2)
    let (x2, x3, x4) = (below * x * x, below * x * x * x, below * x * x * x * x)
    return (
      1 + a * x2 + b * x3 + c * x4,
      a * p * below * x + b * (p + 1) * x2 + c * (p + 2) * x3,
      a * p * (p - 1) * below + b * (p + 1) * p * below * x + c * (p + 2) * (p + 1) * x2
    )
  }

  /// The sines at `distances`, with derivatives by distance.
  func sines(_ distances: [Double]) -> FunctionTable.Jets {
    jets(distances, count: frequencies.count) { n, x in
      let f = frequencies[n]
      return (sin(f * x), f * cos(f * x), -f * f * sin(f * x))
    }
  }

  /// The Bessel functions at `distances`, by degree and number, with derivatives by distance.
  func bessels(_ distances: [Double]) -> FunctionTable.Jets {
    let radials = frequencies.count
    let norms = zeros.enumerated().map { l, zeros in
      zeros.map { SphericalBessel.normalizer(l, zero: $0) }
    }
    return jets(distances, count: zeros.count * radials) { place, x in
      let (l, n) = (place / radials, place % radials)
      let (z, norm) = (Double(zeros[l][n]), norms[l][n])
      let j = SphericalBessel.jet(l, at: z * x)
      return (norm * j.value, norm * z * j.slope, norm * z * z * j.curvature)
    }
  }

  /// The spacing of knots with which tables of such functions are off by no more than single precision is.
  func spacing(_ count: Int, _ jets: ([Double]) -> FunctionTable.Jets) -> Double {
    FunctionTable.spacing(
      count: count, upTo: cutoff, coarsest: cutoff / 64, finest: cutoff / 8192,
      tolerance: FunctionTable.singlePrecision, jets: jets)
  }

  /// The Bessel functions as a table.
  func besselTable(spacing: Double) -> FunctionTable {
    FunctionTable(
      count: zeros.count * frequencies.count, upTo: cutoff, spacing: spacing, jets: bessels)
  }

  private func jets(
    _ distances: [Double], count: Int, _ function: (Int, Double) -> (Double, Double, Double)
  ) -> FunctionTable.Jets {
    var result = FunctionTable.Jets(values: [], slopes: [], curvatures: [])
    for d in distances {
      let x = d / cutoff
      let (u, u1, u2) = envelope(x)
      for k in 0..<count {
        let (f, f1, f2) = function(k, x)
        result.values.append(u * f)
        result.slopes.append((u1 * f + u * f1) / cutoff)
        result.curvatures.append((u2 * f + 2 * u1 * f1 + u * f2) / (cutoff * cutoff))
      }
    }
    return result
  }

  /// A function of a distance whose frequency is trained.
  struct TrainedJet {
    var value: Double
    /// By the distance, 1/Å.
    var slope: Double
    var byFrequency: Double
    var slopeByFrequency: Double
  }

  /// u(x) sin(f_n x) at a distance above 0.
  func trainedSines(_ distance: Double) -> [TrainedJet] {
    let x = distance / cutoff
    let (whole, wholeSlope, _) = envelope(x)
    let u = whole / x
    let u1 = (wholeSlope - u) / x
    return frequencies.map { f in
      let (s, c) = (sin(f * x), cos(f * x))
      return TrainedJet(
        value: u * s, slope: (u1 * s + u * f * c) / cutoff, byFrequency: u * x * c,
        slopeByFrequency: (u1 * x * c + u * c - u * f * x * s) / cutoff)
    }
  }
}
