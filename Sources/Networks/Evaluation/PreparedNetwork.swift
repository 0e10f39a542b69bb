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

  /// Å, of edges.
  var reach: Double { get }
  /// Edges that an atom receives at most.
  var mostNeighbors: Int { get }

  /// Bytes that an evaluator of `structure` takes at most, but for what no structure changes.
  ///
  /// - Parameter neighbors: edges an atom, on the average.
  func memory(for structure: Structure, neighbors: Double) -> Double

  /// Prepares evaluations of a structure of known elements.
  func makeEvaluator(
    for structure: Structure, _ options: NetworkProvider.Options
  ) -> any Evaluator
}

extension PreparedNetwork {
  /// Edges that an atom of any structure can have: no solid has more atoms than diamond, 0.18 in a cubic
  /// ångström.
  var possibleNeighbors: Double {
    min(Double(mostNeighbors), 0.2 * 4 / 3 * .pi * reach * reach * reach)
  }

  /// Bytes that an evaluator of `structure` takes with the edges that it has, the search for them included.
  func memoryWithSearch(for structure: Structure) -> Double {
    let pairs = PairEstimate(structure, reach: reach)
    let edges = pairs.pairs(withAtMost: Double(mostNeighbors))
    return NeighborPairs.memory(pairs)
      + memory(for: structure, neighbors: edges / max(1, pairs.atoms))
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
