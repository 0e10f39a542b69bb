// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics
import Structures

/// Any network in double precision.
enum Reference {
  /// Atoms and edges of structures as a network sees them.
  static func graph(
    _ architecture: NetworkModel.Architecture, _ structures: [Structure]
  ) -> ReferenceGraph {
    switch architecture {
    case .forceNet(let c):
      ReferenceGraph(structures, cutoff: c.cutoff, maximumNeighbors: c.maximumNeighbors)
    case .gns(let c):
      ReferenceGraph(structures, cutoff: c.cutoff, maximumNeighbors: c.maximumNeighbors)
    case .schNet(let c):
      ReferenceGraph(structures, cutoff: c.cutoff, maximumNeighbors: c.maximumNeighbors)
    case .dimeNet(let c):
      ReferenceGraph(structures, cutoff: c.cutoff, maximumNeighbors: c.maximumNeighbors)
    }
  }

  /// What a network predicts for a graph, before targets are scaled back.
  static func predict(
    _ architecture: NetworkModel.Architecture, _ graph: ReferenceGraph, layers: ReferenceLayers
  ) -> ReferencePrediction {
    switch architecture {
    case .forceNet(let configuration):
      ReferenceForceNet(configuration: configuration, layers: layers).predict(graph)
    case .gns(let configuration):
      ReferenceGNS(configuration: configuration, layers: layers).predict(graph)
    case .schNet, .dimeNet:
      {
        let found = ReferenceEnergy.evaluate(architecture, graph, tensors: layers.tensors)
        return ReferencePrediction(
          forces: Traced(found.forces.map { [$0.x, $0.y, $0.z] }), energies: found.energies)
      }()
    }
  }

  /// What `model` predicts for a batch of structures, before targets are scaled back.
  static func predict(
    _ model: NetworkModel, _ structures: [Structure], layers: ReferenceLayers
  ) -> ReferencePrediction {
    predict(model.architecture, graph(model.architecture, structures), layers: layers)
  }

  /// Forces and energy of one structure as a provider should give them.
  static func evaluate(
    _ model: NetworkModel, _ structure: Structure
  ) -> (forces: [Vector3], energy: Double?) {
    let prediction = predict(model, [structure], layers: ReferenceLayers(model.tensors))
    let n = model.normalization
    let forces = prediction.forces.rows.map {
      Vector3($0[0], $0[1], $0[2]) * n.forceScale + Vector3(repeating: n.forceMean)
    }
    return (forces, prediction.energies.map { $0[0] * n.energyScale + n.energyMean })
  }
}

extension [Vector3] {
  /// The largest component of the differences to `other`; infinite if one is not a number.
  func largestDifference(_ other: [Vector3]) -> Double {
    guard count == other.count else { return .infinity }
    return zip(self, other).reduce(0) { worst, pair in
      let d = pair.0 - pair.1
      return d.isFinite ? Swift.max(worst, abs(d.x), abs(d.y), abs(d.z)) : .infinity
    }
  }

  /// Length of the longest.
  var longest: Double { reduce(0) { Swift.max($0, $1.length) } }
}
