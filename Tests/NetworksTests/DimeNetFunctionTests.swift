// SPDX-License-Identifier: MIT

import Forces
import Foundation
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import Networks

/// What DimeNet++ is made of, against tables of the released code and against what defines it.
@Suite("Functions of DimeNet++") struct DimeNetFunctionTests {
  private struct Table: Decodable {
    var spherical_bessel_zeros_float32: [[Double]]
    var normalisers: [[Double]]
    var distance: [Double]
    var angle: [Double]
    var cutoff: Double
    var envelope_exponent: Int
    var rbf: [[Double]]
    var sbf_edge_k_angle_k: [[Double]]
  }

  @Test("Zeros, norms, and both bases are the released code's")
  func recorded() throws {
    let table = try ReferenceData.json("functions/dimenet_basis.json", as: Table.self)
    let zeros = SphericalBessel.zeros(degrees: 7, count: 6)
    #expect(zeros.map { $0.map(Double.init) } == table.spherical_bessel_zeros_float32)
    for (l, row) in zeros.enumerated() {
      for (n, zero) in row.enumerated() {
        let norm = table.normalisers[l][n]
        #expect(abs(SphericalBessel.normalizer(l, zero: zero) - norm) <= 3e-7 * norm)
      }
    }
    var c = DimeNetConfiguration()
    (c.hiddenChannels, c.outputChannels, c.blocks) = (4, 4, 1)
    (c.cutoff, c.envelopeExponent) = (table.cutoff, table.envelope_exponent)
    let model = try NetworkModel(untrained: .dimeNet(c), seed: 1)
    guard case .dimeNet(let plan) = c.plan else { return }
    let functions = RadialFunctions(plan, of: model)
    for (k, d) in table.distance.enumerated() {
      let x = d / table.cutoff
      let sines = functions.sines([d]).values.map { $0 / x }
      #expect(sines.count == table.rbf[k].count)
      for (a, b) in zip(sines, table.rbf[k]) { #expect(abs(a - b) <= 3e-6 * max(1, abs(b))) }
      let bessels = functions.bessels([d]).values.map { $0 / x }
      for (place, value) in bessels.enumerated() {
        let l = place / 6
        let expected = table.sbf_edge_k_angle_k[k][place]
        let found = value * legendre(l, cos(table.angle[k]))
        // High degrees lose digits at short distances in the released polynomials.
        #expect(abs(found - expected) <= 1e-5 * max(1, abs(expected)))
      }
    }
  }

  /// Y_l0 at an angle with this cosine.
  private func legendre(_ l: Int, _ x: Double) -> Double {
    var (below, p) = (0.0, 1.0)
    for k in 0..<l {
      (below, p) = (p, (Double(2 * k + 1) * x * p - Double(k) * below) / Double(k + 1))
    }
    return (Double(2 * l + 1) / (4 * .pi)).squareRoot() * p
  }

  @Test("Spherical Bessel functions satisfy their equation, from 0 to large arguments")
  func bessel() {
    for l in 0...8 {
      for x in [0.01, 0.3, 1, Double(l) + 0.9, Double(l) + 1.1, 20, 60] {
        let (j, j1, j2) = SphericalBessel.jet(l, at: x)
        let rest = x * x * j2 + 2 * x * j1 + (x * x - Double(l * (l + 1))) * j
        let size = max(abs(x * x * j2), abs(2 * x * j1), abs((x * x + Double(l * l)) * j), 1e-30)
        #expect(abs(rest) <= 1e-10 * size, "l \(l), x \(x)")
      }
    }
    #expect(SphericalBessel.jet(0, at: 0).value == 1)
    #expect(abs(SphericalBessel.jet(1, at: 0).slope - 1.0 / 3) < 1e-15)
  }

  @Test("Real harmonics add up to Legendre's polynomials, and their gradients are their slopes")
  func harmonics() {
    var random = SeededGenerator(seed: 4)
    let harmonics = RealHarmonics(degrees: 7)
    func unit() -> Vector3 {
      let v = Vector3(random.normal(), random.normal(), random.normal())
      return v / v.length
    }
    for _ in 0..<20 {
      let (a, b) = (unit(), unit())
      let values = FloatMatrix(rows: 2, columns: harmonics.count)
      harmonics.fill(0, of: values, at: a)
      harmonics.fill(1, of: values, at: b)
      for l in 0..<7 {
        let sum = (l * l..<(l + 1) * (l + 1)).reduce(0) {
          $0 + Double(values[0, $1]) * Double(values[1, $1])
        }
        let expected = legendre(l, (a * b).sum()) * (Double(2 * l + 1) / (4 * .pi)).squareRoot()
        #expect(abs(sum - expected) <= 1e-6)
      }
      // Along a direction across, by differences of single precision.
      let across = unit()
      let step = across - a * (across * a).sum()
      for place in [0, 1, 5, 17, 30, 48] {
        func moved(_ size: Double) -> Double {
          let v = a + size * step
          let matrix = FloatMatrix(rows: 1, columns: harmonics.count)
          harmonics.fill(0, of: matrix, at: v / v.length)
          return Double(matrix[0, place])
        }
        let slope = (moved(0.01) - moved(-0.01)) / 0.02
        let gradient = harmonics.gradient(at: a) { $0 == place ? 1 : 0 }
        #expect(abs((gradient * step).sum() - slope) <= 2e-2)
        #expect(abs((gradient * a).sum()) <= 1e-12)
      }
    }
  }

  @Test("The edge back is found, through images too, and missing where the limit left it out")
  func partners() throws {
    let structure = Structure(
      elements: [Element](repeating: try #require(Element(symbol: "Cu")), count: 2),
      positions: [.zero, Vector3(1.3, 1.1, 0.9)],
      cell: Cell(Vector3(2.6, 0, 0), Vector3(0.2, 2.7, 0), Vector3(0, 0.1, 3)))
    for most in [7, 50, 1000] {
      let graph = try EnergyGraph(
        Geometry(structure), cutoff: 5, maximumNeighbors: most, isFree: nil,
        kernels: .preferred)
      let partners = graph.partners()
      var missing = 0
      for edge in 0..<graph.count {
        let matches = (0..<graph.count).filter {
          graph.source[$0] == graph.target[edge] && graph.target[$0] == graph.source[edge]
            && (graph.vector[$0] + graph.vector[edge]).length < 1e-9
        }
        #expect(matches.count <= 1)
        #expect(partners[edge] == Int32(matches.first ?? -1))
        if matches.isEmpty { missing += 1 }
      }
      #expect(most != 1000 || missing == 0)
    }
  }
}
