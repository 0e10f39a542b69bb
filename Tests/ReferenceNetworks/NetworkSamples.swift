// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics
import Structures
import TestSupport

/// Structures and networks to try evaluations on.
enum NetworkSamples {
  /// A slab of four shaken layers with two atoms above, in a skewed cell periodic along the surface.
  ///
  /// The lower two layers are fixed. Atoms inside have more than fifty neighbours within 6 Å.
  static func slab(seed: UInt64) -> Structure {
    var random = SeededGenerator(seed: seed)
    let edge = 3.7
    let cell = Cell(
      Vector3(1.5 * edge, 0, 0), Vector3(0.4 * edge, 1.5 * edge, 0), Vector3(0.3, -0.4, 30),
      periodicity: Periodicity(true, true, false))
    var positions: [Vector3] = []
    for layer in 0..<4 {
      for x in 0..<2 {
        for y in 0..<2 {
          let shift = layer % 2 == 0 ? 0.0 : 0.35
          let site = Vector3(0.75 * (Double(x) + shift), 0.75 * (Double(y) + shift), 0)
          positions.append(
            edge * (site + Vector3(0.2 * Double(y), 0, 0.55 * Double(layer)))
              + Vector3(random.uniform(), random.uniform(), random.uniform()) * 0.3)
        }
      }
    }
    let top = 1.65 * edge + 0.3
    positions.append(Vector3(1.1, 1.3, top + 1.5))
    positions.append(Vector3(1.4, 1.9, top + 2.4))
    let metals = elements([29, 46, 13])
    let kinds = (0..<16).map { metals[$0 * 7 % 3] } + elements([8, 1])
    return Structure(
      elements: kinds, positions: positions, cell: cell,
      moveMask: MoveMask(free: positions.indices.map { $0 >= 8 }))
  }

  /// Structures of every kind with elements and masks at random.
  static func assorted(_ count: Int, seed: UInt64) -> [Structure] {
    var random = SeededGenerator(seed: seed)
    let known = elements(Array(1...99).filter { !ProceduralModel.unknown.contains($0) })
    return RandomSystem.assorted(count, seed: seed).map { system in
      let kinds = (0..<4).map { _ in known[Int(random.next() % UInt64(known.count))] }
      return Structure(
        elements: system.positions.map { _ in kinds[Int(random.next() % 4)] },
        positions: system.positions, cell: system.cell,
        moveMask: MoveMask(free: system.positions.map { _ in random.uniform() < 0.6 }))
    }
  }

  static func elements(_ numbers: [Int]) -> [Element] {
    numbers.compactMap { Element(atomicNumber: $0) }
  }

  /// Whether rounding cannot decide which edges there are: no distance is near the cutoff, and no
  /// atom's fiftieth neighbour about as far as the next.
  static func isClearCut(_ structure: Structure, cutoff: Double, most: Int) -> Bool {
    guard let all = try? NeighborGraph(structure, cutoff: cutoff + 0.1, maximumNeighbors: nil)
    else {
      return false
    }
    for atom in 0..<structure.count {
      let distances = all.distance[all.starts[atom]..<all.starts[atom + 1]].sorted()
      if distances.contains(where: { abs($0 - cutoff) < 1e-5 }) { return false }
      if distances.count > most && distances[most] - distances[most - 1] < 1e-5 { return false }
    }
    return true
  }

  /// A ForceNet with everything chosen at random, in widths that no vector register divides.
  static func forceNet(_ random: inout SeededGenerator) -> ForceNetConfiguration {
    func pick<Choice>(_ choices: [Choice]) -> Choice {
      choices[Int(random.next() % UInt64(choices.count))]
    }
    var c = ForceNetConfiguration()
    c.hiddenChannels = pick([1, 7, 16, 33, 65])
    c.decoderChannels = pick([1, 6, 17, 40])
    c.interactions = pick([1, 2, 3])
    c.cutoff = pick([6, 4.5, 5.3])
    c.features = pick(ForceNetConfiguration.Features.allCases)
    c.frequencies = pick([2, 7, 50])
    c.degrees = pick(Array(1...6))
    c.basis = pick(Basis.all)
    c.edgeDepth = pick([0, 1, 2, 3])
    c.nodeDepth = pick([0, 1, 2])
    c.activation = pick(Activation.allCases)
    c.ablation = pick(ForceNetConfiguration.Ablation.allCases)
    c.decoder = pick(ForceNetConfiguration.Decoder.allCases)
    c.decoderActivation = pick(Activation.allCases)
    return c
  }
}
