// SPDX-License-Identifier: MIT

import Networks
import RelaxNumerics
import Structures

/// A network that gives energies, in double precision, with what follows by differentiation.
struct ReferenceEnergy {
  /// eV, one a structure.
  var energies: [Double]
  /// eV/Å, one an atom.
  var forces: [Vector3]
  /// eV: Σ (∂E/∂r) ⊗ r over edges, whose share of the volume is the stress.
  var strainSlopes: [[Double]]
  /// Derivatives of the sum of energies by trained tensors, along the direction of the tangents in their
  /// tangents.
  var gradients: [String: [Dual]]

  /// Evaluates `model` on `graph`, atoms moving along `direction`.
  static func evaluate(
    _ architecture: NetworkModel.Architecture, _ graph: ReferenceGraph,
    tensors: [String: ReferenceTensor], direction: [Vector3]? = nil
  ) -> ReferenceEnergy {
    let tape = Tape(tensors)
    // Positions count as changes from where atoms are: all at 0, moving along the direction.
    let moves = Sheet(
      (0..<graph.atomCount).flatMap { atom in
        (0..<3).map { Dual(0, direction?[atom][$0] ?? 0) }
      }, columns: 3)
    let sources = tape.gathered(moves, graph.sources)
    let targets = tape.gathered(moves, graph.targets)
    let vectors = Sheet(
      graph.edges.indices.flatMap { e in
        (0..<3).map { axis in
          let edge = graph.edges[e]
          return Dual(edge.vector[axis])
            + sources.values[3 * e + axis] - targets.values[3 * e + axis]
        }
      }, columns: 3)
    let energies: Sheet
    switch architecture {
    case .schNet(let c): energies = ReferenceSchNet(c, tape).energies(graph, vectors)
    case .dimeNet(let c): energies = ReferenceDimeNet(c, tape).energies(graph, vectors)
    default: preconditionFailure("not a network of energies")
    }
    tape.reverse(from: energies)
    var forces = [Vector3](repeating: .zero, count: graph.atomCount)
    var strain = [[Double]](repeating: [0, 0, 0], count: 3)
    for (e, edge) in graph.edges.enumerated() {
      let slope = (vectors.slopes ?? Array(repeating: Dual(0), count: 3 * graph.edges.count))
      let d = Vector3(slope[3 * e].value, slope[3 * e + 1].value, slope[3 * e + 2].value)
      forces[edge.source] -= d
      forces[edge.target] += d
      for i in 0..<3 { for j in 0..<3 { strain[i][j] += d[i] * edge.vector[j] } }
    }
    return ReferenceEnergy(
      energies: energies.values.map(\.value), forces: forces, strainSlopes: strain,
      gradients: tape.gradients)
  }
}

extension Tape {
  /// The energies of structures from those of atoms.
  func totals(_ atoms: Sheet, _ graph: ReferenceGraph, isMean: Bool) -> Sheet {
    let sums = scattered(atoms, to: graph.owners, count: graph.structureCount)
    guard isMean else { return sums }
    let counts = (0..<graph.structureCount).map { owner in
      Double(graph.owners.filter { $0 == owner }.count)
    }
    return scaled(sums, by: Sheet(counts.map { Dual(1 / $0) }, columns: 1))
  }
}
