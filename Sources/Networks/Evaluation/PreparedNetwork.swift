// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// A network with its layers packed, for all structures and threads.
protocol PreparedNetwork: Sendable {
  /// What it has at all.
  var quantities: Quantities { get }
  /// Whether its forces are the negative gradient of its energy.
  var isConservative: Bool { get }

  /// Bytes that an evaluator of `structure` takes at most, but for what no structure changes.
  func memory(for structure: Structure) -> Double

  /// Prepares evaluations of a structure of known elements.
  func makeEvaluator(
    for structure: Structure, _ options: NetworkProvider.Options
  ) -> any Evaluator
}

extension PreparedNetwork {
  /// Edges that an atom can have within `cutoff` (Å), `most` at most: no solid has more atoms than
  /// diamond, 0.18 in a cubic ångström.
  func neighbors(within cutoff: Double, most: Int) -> Double {
    min(Double(most), 0.2 * 4 / 3 * .pi * cutoff * cutoff * cutoff)
  }
}

extension NetworkModel {
  /// The complete model with its layers packed.
  func prepared(_ options: NetworkProvider.Options) -> any PreparedNetwork {
    switch architecture.plan {
    case .forceCentric(let plan): CompiledNetwork(plan, of: self, kernels: options.kernels)
    case .schNet(let plan): SchNet(plan, of: self, kernels: options.kernels)
    case .dimeNet(let plan):
      DimeNet(plan, of: self, angles: options.angles ?? plan.angles, kernels: options.kernels)
    }
  }
}
