// SPDX-License-Identifier: MIT

import Foundation
import RelaxNumerics
import Structures
import TestSupport

@testable import Forces

/// The energy of D3 by plain loops over all images, straight from the formulas; in Hartree.
struct DispersionReference {
  private(set) var pairs = 0.0
  private(set) var triples = 0.0

  private typealias Data = RelaxNumerics.DispersionReference
  private let numbers: [Int]
  private let functional: DispersionFunctional

  init(_ structure: Structure, _ functional: DispersionFunctional) {
    self.functional = functional
    numbers = structure.elements.map { Int($0.atomicNumber) }
    let bohr = Dispersion.bohr
    let images = bruteForcePairs(structure.positions, structure.cell, cutoff: 60 * bohr)
      .sorted { $0.key < $1.key }
      .map { (i: $0.key.first, j: $0.key.second, d: $0.value / bohr) }
    var counts = [Double](repeating: 0, count: structure.count)
    for image in images where image.d.length <= 40 {
      let covalent = [image.i, image.j].map { Data.covalentRadius(of: numbers[$0]) }
      let radius = 4 / 3 * (covalent[0] + covalent[1])
      counts[image.i] += 1 / (1 + exp(-16 * (radius / 0.529177210903 / image.d.length - 1)))
    }
    let c6 = counts.indices.map { i in counts.indices.map { coefficient(i, $0, counts) } }
    for image in images {
      pairs -= 0.5 * c6[image.i][image.j] * attraction(image.i, image.j, image.d.length)
    }
    for i in counts.indices {
      let near = images.filter { $0.i == i && $0.d.length <= 40 }
      for a in near {
        for b in near {
          let third = (b.d - a.d).length
          guard third <= 40, third > 1e-6 else { continue }
          let c9 = sqrt(c6[i][a.j] * c6[i][b.j] * c6[a.j][b.j])
          let radius = [(i, a.j), (i, b.j), (a.j, b.j)].reduce(1.0) { $0 * 4 / 3 * vdw($1.0, $1.1) }
          // Each triple is met from three atoms, in two orders.
          triples += c9 * angular(a.d.length, b.d.length, third, radius) / 6
        }
      }
    }
  }

  private func vdw(_ i: Int, _ j: Int) -> Double {
    Data.pairRadius(numbers[i], numbers[j]) / 0.529177210903
  }

  private func coefficient(_ i: Int, _ j: Int, _ counts: [Double]) -> Double {
    func weights(_ atom: Int) -> [Double] {
      let raw = Data.coordinationNumbers(of: numbers[atom]).map {
        exp(-4 * ($0 - counts[atom]) * ($0 - counts[atom]))
      }
      return raw.map { $0 / raw.reduce(0, +) }
    }
    var sum = 0.0
    for (w, row) in zip(weights(i), Data.c6(numbers[i], numbers[j])) {
      for (v, c6) in zip(weights(j), row) { sum += w * v * c6 }
    }
    return sum
  }

  private func attraction(_ i: Int, _ j: Int, _ r: Double) -> Double {
    func q(_ atom: Int) -> Double {
      sqrt(0.5 * sqrt(Double(numbers[atom])) * Data.moment(of: numbers[atom]))
    }
    let ratio = 3 * q(i) * q(j)
    let f = functional
    switch f.damping {
    case .bj:
      let r0 = f.radius.0 * sqrt(ratio) + f.radius.1
      return f.s6 / (pow(r, 6) + pow(r0, 6)) + f.s8 * ratio / (pow(r, 8) + pow(r0, 8))
    case .zero:
      let f6 = 1 / (1 + 6 * pow(r / (f.radius.0 * vdw(i, j)), -14))
      let f8 = 1 / (1 + 6 * pow(r / (f.radius.1 * vdw(i, j)), -16))
      return f.s6 * f6 / pow(r, 6) + f.s8 * ratio * f8 / pow(r, 8)
    }
  }

  /// Of three sides and the product of their radii.
  private func angular(_ a: Double, _ b: Double, _ c: Double, _ radius: Double) -> Double {
    let cosines =
      (a * a + b * b - c * c) * (a * a + c * c - b * b) * (b * b + c * c - a * a)
      / (8 * pow(a * b * c, 2))
    return (3 * cosines + 1) / pow(a * b * c, 3) / (1 + 6 * pow(radius / (a * b * c), 16 / 3.0))
  }
}
