// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// The atoms and edges of some structures as one graph, for networks of energies in training.
///
/// Edges are sorted by target, then source.
package final class EnergyBatch: @unchecked Sendable {
  /// Structures, by their places in the batch that they are a part of.
  let structures: Range<Int>
  /// Where the atoms of each begin; one number more than there are structures.
  let atomStarts: [Int]
  /// What each is made of.
  let compositions: [[Element]]
  /// Atomic numbers, of atoms and of both ends of edges.
  let element: AlignedBuffer<Int32>
  let sourceElement: AlignedBuffer<Int32>, targetElement: AlignedBuffer<Int32>
  /// Atoms that send and receive.
  let source: AlignedBuffer<Int32>, target: AlignedBuffer<Int32>
  /// Å, from target to source.
  let vector: [Vector3]
  let distance: [Double]
  /// Where the edges to each atom begin.
  let starts: [Int]
  /// The edge back of each, or −1.
  let partners: [Int32]
  /// Derivatives of distances along the direction, and of E by distances: filled by sweeps.
  let distanceTangents: AlignedBuffer<Float>
  let distanceSlopes: AlignedBuffer<Float>
  /// Derivatives of edge vectors along the direction.
  var vectorTangents: [Vector3] = []

  var atoms: Int { element.count }
  var edges: Int { distance.count }

  /// The graphs of `structures` beside each other.
  ///
  /// - Parameters:
  ///   - first: place of the first one.
  ///   - graphs: one a structure.
  init(_ structures: [Structure], first: Int, _ graphs: [NeighborGraph]) {
    self.structures = first..<first + structures.count
    var (atomStarts, starts) = ([0], [0])
    var (source, target, partners) = ([Int32](), [Int32](), [Int32]())
    var (vector, distance) = ([Vector3](), [Double]())
    for (structure, graph) in zip(structures, graphs) {
      let (atom, edge) = (Int32(atomStarts[atomStarts.count - 1]), Int32(distance.count))
      source += graph.source.map { $0 + atom }
      target += graph.target.map { $0 + atom }
      partners += graph.partners().map { $0 < 0 ? -1 : $0 + edge }
      starts += graph.starts.dropFirst().map { $0 + Int(edge) }
      vector += graph.vector
      distance += graph.distance
      atomStarts.append(Int(atom) + structure.count)
    }
    compositions = structures.map(\.elements)
    let elements = structures.flatMap { $0.elements.map { Int32($0.atomicNumber) } }
    element = AlignedBuffer(elements)
    sourceElement = AlignedBuffer(source.map { elements[Int($0)] })
    targetElement = AlignedBuffer(target.map { elements[Int($0)] })
    (self.source, self.target) = (AlignedBuffer(source), AlignedBuffer(target))
    (self.atomStarts, self.starts, self.partners) = (atomStarts, starts, partners)
    (self.vector, self.distance) = (vector, distance)
    distanceTangents = AlignedBuffer(count: distance.count)
    distanceSlopes = AlignedBuffer(count: distance.count)
  }

  /// Forces, eV/Å over the scale, from the derivatives of E by distances and, across vectors, by vectors.
  func forces(turns: [Vector3]?) -> [Vector3] {
    var forces = [Vector3](repeating: .zero, count: atoms)
    for edge in 0..<edges {
      var derivative = vector[edge] * (Double(distanceSlopes[edge]) / distance[edge])
      if let turns { derivative += turns[edge] }
      forces[Int(source[edge])] -= derivative
      forces[Int(target[edge])] += derivative
    }
    return forces
  }

  /// Lets atoms move along `direction`, one vector an atom.
  func move(along direction: [Vector3]) {
    vectorTangents = (0..<edges).map {
      direction[Int(source[$0])] - direction[Int(target[$0])]
    }
    for edge in 0..<edges {
      let along = (vectorTangents[edge] * vector[edge]).sum() / distance[edge]
      distanceTangents[edge] = Float(along)
    }
  }
}
