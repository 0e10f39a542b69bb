// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics
import Structures
import Training

@testable import ReferenceNetworks

/// Batches and networks to try derivatives on.
enum TrainingSamples {
  /// A slab, a lone molecule and another slab, with forces and weights at random.
  static func batch(_ random: inout SeededGenerator) -> [TrainingSample] {
    let molecule = Structure(
      elements: NetworkSamples.elements([6, 8, 1]),
      positions: [Vector3(0, 0, 0), Vector3(1.2, 0.1, 0), Vector3(-0.6, 0.9, 0.2)], cell: .none)
    return [
      NetworkSamples.slab(seed: random.next()), molecule, NetworkSamples.slab(seed: random.next()),
    ].map { labelled($0, &random) }
  }

  /// A structure with forces at random, in which fixed atoms count a twentieth and others anything.
  static func labelled(_ structure: Structure, _ random: inout SeededGenerator) -> TrainingSample {
    let forces = structure.positions.map { _ in
      Vector3(random.uniform(-2, 2), random.uniform(-2, 2), random.uniform(-2, 2))
    }
    let weights = (0..<structure.count).map { atom in
      structure.freedoms[atom] == .free ? random.uniform(0.3, 1) : 0.05
    }
    return TrainingSample(structure: structure, forces: forces, weights: weights)
  }

  /// A ForceNet with everything at random, but every basis and ablation in turn.
  static func forceNet(_ random: inout SeededGenerator, _ index: Int) -> ForceNetConfiguration {
    var c = NetworkSamples.forceNet(&random)
    c.basis = Basis.all[index % Basis.all.count]
    let ablations = ForceNetConfiguration.Ablation.allCases
    c.ablation = ablations[(index / 2) % ablations.count]
    let activations = Activation.allCases
    c.activation = activations[index % activations.count]
    c.hiddenChannels = [5, 8, 17, 3][index % 4]
    c.decoderChannels = [6, 1, 13][index % 3]
    return c
  }

  /// A GNS in one of some odd widths.
  static func gns(_ index: Int) -> GNSConfiguration {
    var c = GNSConfiguration()
    c.hiddenChannels = [5, 8, 17, 33, 2, 12][index % 6]
    c.interactions = 1 + index % 3
    c.cutoff = [6, 4.5][index % 2]
    return c
  }
}
