// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import Structures
import TestSupport

@testable import Forces

/// Effective medium theory by plain loops over all images, straight from the formulas.
struct EffectiveMediumReference {
  var energy = 0.0
  var forces: [Vector3]
  /// Σ r ⊗ f over pairs.
  var virial = SymmetricTensor.zero
  /// Sums of the magnitudes of what was added up: rounding errors are relative to these.
  var energyScale = 0.0
  var forceScale = 0.0

  private struct Species {
    var e0, s0, v0, eta, kappa, lambda, n0, gamma1, gamma2: Double
  }

  private static let bohr = 0.5291772105638411
  private static let beta = 1.809
  private static let shell = beta * 3.01 * bohr
  private static let rc = shell * (sqrt(3) + 2) / 2
  private static let a = log(9999) / (2 * shell - rc)

  private static func cutoff(_ r: Double) -> Double { 1 / (1 + exp(a * (r - rc))) }

  private static func species(_ element: Element) -> Species? {
    guard let p = EffectiveMediumTheory.parameters[element] else { return nil }
    var s = Species(
      e0: p.e0, s0: p.s0 * bohr, v0: p.v0, eta: p.eta2 / bohr, kappa: p.kappa / bohr,
      lambda: p.lambda / bohr, n0: p.n0 / pow(bohr, 3), gamma1: 0, gamma2: 0)
    for (count, distance) in [(12, 1.0), (6, sqrt(2)), (24, sqrt(3))] {
      let excess = beta * s.s0 * (distance - 1)
      let w = Double(count) / 12 * cutoff(beta * s.s0 * distance)
      s.gamma1 += w * exp(-s.eta * excess)
      s.gamma2 += w * exp(-s.kappa / beta * excess)
    }
    return s
  }

  init(_ structure: Structure) {
    let beta = Self.beta
    let species = structure.elements.compactMap { Self.species($0) }
    let pairs = bruteForcePairs(structure.positions, structure.cell, cutoff: Self.rc + 0.5)
      .filter { $0.value.length < Self.rc + 0.5 }.sorted { $0.key < $1.key }
    forces = Array(repeating: .zero, count: structure.count)
    var sigma = [Double](repeating: 0, count: structure.count)
    for (pair, d) in pairs {
      let (i, j) = (species[pair.first], species[pair.second])
      let r = d.length
      sigma[pair.first] += j.n0 / i.n0 * exp(-j.eta * (r - beta * j.s0)) * Self.cutoff(r)
    }
    var slope = sigma
    for (k, s) in species.enumerated() {
      energy -= s.e0
      energyScale += abs(s.e0)
      guard sigma[k] > 0 else { continue }
      let ds = -log(sigma[k] / (12 * s.gamma1)) / (beta * s.eta)
      let cohesive = s.e0 * (1 + s.lambda * ds) * exp(-s.lambda * ds)
      let overlap = 6 * s.v0 * exp(-s.kappa * ds)
      energy += cohesive + overlap
      energyScale += abs(cohesive) + overlap
      let bySeparation = -s.e0 * s.lambda * s.lambda * ds * exp(-s.lambda * ds) - s.kappa * overlap
      slope[k] = bySeparation * (-1 / (beta * s.eta * sigma[k]))
    }
    for (pair, d) in pairs {
      let (i, j) = (species[pair.first], species[pair.second])
      let r = d.length
      let w = Self.cutoff(r)
      let logSlope = -Self.a * (1 - w)
      let chi = j.n0 / i.n0
      // Each ordered pair adds to the first atom's density and half of the pair energy's terms.
      let toFirst = chi * exp(-j.eta * (r - beta * j.s0)) * w
      let toSecond = exp(-i.eta * (r - beta * i.s0)) / chi * w
      let first = -0.5 * i.v0 / i.gamma2 * chi * exp(-j.kappa * (r / beta - j.s0)) * w
      let second = -0.5 * j.v0 / j.gamma2 / chi * exp(-i.kappa * (r / beta - i.s0)) * w
      energy += 0.5 * (first + second)
      energyScale += 0.5 * abs(first + second)
      var derivative = slope[pair.first] * toFirst * (logSlope - j.eta)
      derivative += slope[pair.second] * toSecond * (logSlope - i.eta)
      derivative += first * (logSlope - j.kappa / beta) + second * (logSlope - i.kappa / beta)
      forces[pair.first] += derivative / r * d
      virial += -0.5 * SymmetricTensor(product: d, derivative / r * d)
      forceScale += abs(derivative)
    }
  }
}

/// Structures of many kinds whose atoms are any of `symbols`.
func mixedStructures(_ count: Int, of symbols: [String], seed: UInt64) -> [Structure] {
  var random = SeededGenerator(seed: seed)
  let elements = symbols.compactMap { Element(symbol: $0) }
  func pick() -> Element { elements[Int(random.next() % UInt64(elements.count))] }
  var structures = RandomSystem.assorted(count, seed: seed).map { system in
    Structure(
      elements: system.positions.map { _ in pick() }, positions: system.positions,
      cell: system.cell)
  }
  // Slabs: shaken fcc layers in a skewed cell, with a few atoms on top.
  for index in 0..<count / 4 {
    let edge = random.uniform(3.6, 4.1)
    let cell = Cell(
      Vector3(2 * edge, 0, 0), Vector3(0.5 * edge, 2 * edge, 0), Vector3(0.3, -0.4, 18),
      periodicity: Periodicity(true, true, index % 2 == 0))
    var positions: [Vector3] = []
    for layer in 0..<3 {
      for x in 0..<2 {
        for y in 0..<4 {
          let s = 0.5 * Double((layer + y) % 2)
          positions.append(
            edge * Vector3(Double(x) + s, 0.5 * Double(y), 0.5 * Double(layer))
              + Vector3(random.uniform(), random.uniform(), random.uniform()) * 0.3)
        }
      }
    }
    for k in 0..<3 {
      positions.append(
        Vector3(1 + 1.2 * Double(k), random.uniform(0, 5), edge + 1.5 + random.uniform()))
    }
    structures.append(
      Structure(elements: positions.map { _ in pick() }, positions: positions, cell: cell))
  }
  return structures
}

/// Energy and forces by a fresh evaluator.
func evaluateOnce(_ provider: any ForceProvider, _ structure: Structure) throws -> Evaluation {
  try provider.evaluate(structure, wanting: [.energy, .forces])
}

extension Evaluator {
  /// Energy and forces of atoms that moved within the cell.
  mutating func evaluate(_ positions: [Vector3], _ cell: Cell) throws -> Evaluation {
    try evaluate(Geometry(positions: positions, cell: cell), wanting: [.energy, .forces])
  }
}
