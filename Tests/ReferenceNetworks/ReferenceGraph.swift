// SPDX-License-Identifier: MIT

import Foundation
import Structures

/// Atoms and directed edges of one or more structures, as one graph without edges between
/// structures.
struct ReferenceGraph {
  struct Edge {
    var source: Int, target: Int
    /// Å.
    var distance: Double
    /// Unit vector from target to source.
    var direction: [Double]
    /// Å, from target to source.
    var vector: [Double]
    /// Lattice vectors added to the source.
    var offset: [Int]
  }

  let cutoff: Double
  /// One an atom.
  private(set) var atomicNumbers: [Int] = []
  /// Which structure each atom belongs to.
  private(set) var owners: [Int] = []
  private(set) var edges: [Edge] = []

  init(_ structures: [Structure], cutoff: Double, maximumNeighbors: Int) {
    self.cutoff = cutoff
    for (owner, structure) in structures.enumerated() {
      let first = atomicNumbers.count
      atomicNumbers += structure.elements.map { Int($0.atomicNumber) }
      owners += Array(repeating: owner, count: structure.count)
      guard
        let graph = try? NeighborGraph(
          structure, cutoff: cutoff, maximumNeighbors: maximumNeighbors)
      else { preconditionFailure("more neighbours than a test can do with") }
      for e in 0..<graph.count {
        let (v, d) = (graph.vector[e], graph.distance[e])
        edges.append(
          Edge(
            source: first + Int(graph.source[e]), target: first + Int(graph.target[e]),
            distance: d, direction: [v.x / d, v.y / d, v.z / d], vector: [v.x, v.y, v.z],
            offset: (0..<3).map { Int(graph.offset[e][$0]) }))
      }
    }
  }

  var atomCount: Int { atomicNumbers.count }
  var structureCount: Int { (owners.last ?? -1) + 1 }

  /// d, d − a_s, d − a_t, d − a_s − a_t of each edge in units of the cutoff, nowhere below 0.001.
  func distances(radii: [Double]) -> Rows {
    edges.map { edge in
      let (d, s, t) = (
        edge.distance, radii[atomicNumbers[edge.source]], radii[atomicNumbers[edge.target]]
      )
      return [d, d - s, d - t, d - s - t].map { max($0 / cutoff, 1e-3) }
    }
  }

  /// cos(π d / 2c) of each edge.
  var weights: [Double] { edges.map { cos(.pi * $0.distance / (2 * cutoff)) } }

  /// Each edge's source and target.
  var sources: [Int] { edges.map(\.source) }
  var targets: [Int] { edges.map(\.target) }

  /// The nine properties of each atom's element.
  func properties(table: [Double]) -> Rows {
    atomicNumbers.map { Array(table[($0 * 9)..<($0 * 9 + 9)]) }
  }
}

/// What a network predicts for the atoms of a graph, and for its structures.
struct ReferencePrediction {
  /// eV/Å, one row an atom.
  var forces: Traced
  /// eV, one a structure; nil if the network has none.
  var energies: [Double]?
}
