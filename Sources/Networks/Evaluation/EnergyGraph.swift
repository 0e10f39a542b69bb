// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// The edges of one geometry for a network whose forces are derivatives of an energy: by both their ends,
/// with the derivatives that are wanted of them.
struct EnergyGraph {
  /// Number of edges.
  var count: Int { distance.count }
  /// Å, from target to source.
  let vector: [Vector3]
  /// Å.
  let distance: [Double]
  /// Edges by target, in the order of their numbers; the others are sources.
  let byTarget: EdgeLists
  /// Edges by source.
  let bySource: EdgeLists
  /// 1 for each edge whose length some wanted force depends on.
  let wanted: AlignedBuffer<UInt8>
  private let graph: NeighborGraph

  /// The edges of atoms in `geometry`.
  ///
  /// - Parameter isFree: atoms whose forces are wanted; nil for all.
  init(
    _ geometry: Geometry, cutoff: Double, maximumNeighbors: Int, isFree: [Bool]?,
    kernels: KernelSet
  ) throws(ForceError) {
    graph = try NeighborGraph(
      ofNetwork: geometry, cutoff: cutoff, maximumNeighbors: maximumNeighbors, kernels: kernels)
    (vector, distance) = (graph.vector, graph.distance)
    byTarget = EdgeLists(starts: graph.starts, others: graph.source)
    bySource = EdgeLists(turning: byTarget)
    wanted = AlignedBuffer(count: graph.count)
    for edge in 0..<graph.count {
      let matters =
        isFree.map { $0[Int(graph.source[edge])] || $0[Int(graph.target[edge])] } ?? true
      wanted[edge] = matters ? 1 : 0
    }
  }

  /// The atom that each edge comes from.
  var source: [Int32] { graph.source }
  /// The atom that each edge goes to.
  var target: [Int32] { graph.target }

  /// For each edge the one back, or −1.
  func partners() -> [Int32] { graph.partners() }

  /// Forces and stress from the derivatives of the energy by edge vectors.
  ///
  /// - Parameters:
  ///   - slopes: of the energy by lengths, eV/Å.
  ///   - turns: of the energy by vectors, across them, eV/Å; nil for none.
  ///   - scale: what both are multiplied by.
  ///   - mean: what is added to the components of forces, eV/Å.
  ///   - isFree: atoms that forces are for; nil for all.
  func evaluation(
    slopes: AlignedBuffer<Float>, turns: [Vector3]?, scale: Double, mean: Double,
    isFree: [Bool]?, wantsStress: Bool, cell: Cell, atoms: Int
  ) -> Evaluation {
    var evaluation = Evaluation(
      forces: [Vector3](repeating: .zero, count: atoms), coverage: isFree == nil ? .all : .free)
    var virial = SymmetricTensor.zero
    for edge in 0..<count where wanted[edge] != 0 {
      var derivative = vector[edge] * (scale * Double(slopes[edge]) / distance[edge])
      if let turns { derivative += turns[edge] * scale }
      evaluation.forces[Int(graph.source[edge])] -= derivative
      evaluation.forces[Int(graph.target[edge])] += derivative
      if wantsStress { virial += SymmetricTensor(product: derivative, vector[edge]) }
    }
    for atom in 0..<atoms {
      if let isFree, !isFree[atom] {
        evaluation.forces[atom] = .zero
      } else {
        evaluation.forces[atom] += Vector3(repeating: mean)
      }
    }
    if wantsStress { evaluation.stress = cell.stress(ofVirial: -1 * virial) }
    return evaluation
  }
}
