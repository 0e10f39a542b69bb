// SPDX-License-Identifier: MIT

import TestSupport
import Testing

@testable import RelaxNumerics

@Suite struct LennardJonesKernelTests {
  @Test(
    "Every kernel set sums what plain loops sum",
    arguments: [nil, 2.0, 0.001], [1, 3, 4, 5, 8, 9, 16, 17, 200])
  func plainLoops(onset: Double?, count: Int) throws {
    // A loose lattice, jittered: no overlaps, so that terms are of like size.
    var random = SeededGenerator(seed: UInt64(count))
    var points: [SIMD4<Double>] = []
    for index in 0..<count {
      var point = SIMD4(Double(index % 6), Double(index / 6 % 6), Double(index / 36), 0) * 1.2
      for axis in 0..<3 { point[axis] += random.uniform(0, 0.3) }
      points.append(point)
    }
    let (sigma, epsilon, cutoff) = (1.1, 0.4, 3.0)
    let kernel = LennardJonesKernel(sigma: sigma, epsilon: epsilon, cutoff: cutoff, onset: onset)
    try onEveryKernelSet { set in
      var rows = NeighborRows()
      _ = try rows.rebuild(points: points, atomCount: count, reach: cutoff + 0.7, kernels: set)
      var forces: [SIMD4<Double>] = []
      let energy = kernel.evaluate(rows, forces: &forces, kernels: set)
      var forcesBesideVirial: [SIMD4<Double>] = []
      var virial = SymmetricTensor.zero
      let energyBesideVirial = kernel.evaluate(
        rows, forces: &forcesBesideVirial, virial: &virial, kernels: set)
      #expect(energyBesideVirial == energy && forcesBesideVirial == forces, "\(set)")
      var expectedEnergy = 0.0
      var expectedVirial = SymmetricTensor.zero
      var size = 1.0
      for row in 0..<count {
        var expected = SIMD4<Double>.zero
        for other in 0..<count where other != row {
          let d = rows.coordinates[other] - rows.coordinates[row]
          let r2 = (d * d).sum()
          guard r2 <= cutoff * cutoff else { continue }
          let s6 = (sigma * sigma / r2) * (sigma * sigma / r2) * (sigma * sigma / r2)
          var u = 4 * epsilon * (s6 * s6 - s6)
          var slope = -24 * epsilon * (2 * s6 * s6 - s6) / r2
          let (c2, o2) = (cutoff * cutoff, (onset ?? 0) * (onset ?? 0))
          if onset == nil {
            let c6 = (sigma * sigma / c2) * (sigma * sigma / c2) * (sigma * sigma / c2)
            u -= 4 * epsilon * (c6 * c6 - c6)
          } else if r2 > o2 {
            let width = (c2 - o2) * (c2 - o2) * (c2 - o2)
            let value = (c2 - r2) * (c2 - r2) * (c2 + 2 * r2 - 3 * o2) / width
            slope = value * slope + 12 * (c2 - r2) * (o2 - r2) / width * u
            u *= value
          }
          expectedEnergy += u / 2
          expected += slope * d
          let away = Vector3(d.x, d.y, d.z)
          expectedVirial += -0.5 * SymmetricTensor(product: away, slope * away)
          size = max(size, abs(slope) * r2.squareRoot())
        }
        // Sums of some hundred terms of this size in another order.
        #expect(abs(forces[row] - expected).max() <= 1e-12 * size, "\(set), row \(row)")
      }
      #expect(abs(energy - expectedEnergy) <= 1e-12 * size * Double(count), "\(set)")
      for (found, expected) in zip(virial.voigt, expectedVirial.voigt) {
        #expect(abs(found - expected) <= 1e-12 * size * cutoff * Double(count), "\(set)")
      }
    }
  }

  @Test("Two atoms in one place have no finite energy, with any kernel set")
  func overlap() throws {
    let kernel = LennardJonesKernel(sigma: 1, epsilon: 1, cutoff: 3, onset: nil)
    try onEveryKernelSet { set in
      var rows = NeighborRows()
      _ = try rows.rebuild(points: [.zero, .zero], atomCount: 2, reach: 3, kernels: set)
      var forces: [SIMD4<Double>] = []
      #expect(!kernel.evaluate(rows, forces: &forces, kernels: set).isFinite, "\(set)")
    }
  }
}

private func abs(_ v: SIMD4<Double>) -> SIMD4<Double> { v.replacing(with: -v, where: v .< 0) }
