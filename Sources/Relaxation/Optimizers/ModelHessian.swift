// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// A guess at the Hessian of a structure before anything is known of its forces: springs between
/// neighbours, and a weak one that holds each atom in its place.
///
/// After Lindh et al., Chem. Phys. Lett. 241, 423 (1995), and the preconditioner of Packwood et al.,
/// J. Chem. Phys. 144, 164109 (2016): stiffness falls exponentially with distance. Those are for one kind of bond each;
/// here metals, bonds of metals with nonmetals and covalent bonds have stiffnesses of their own, a tenth of which
/// also acts across the bond. It is positive definite, whatever the structure.
struct ModelHessian: Sendable, Codable {
  /// What resists when an atom moves relative to a neighbour.
  private struct Spring: Sendable, Codable {
    /// Of the vectors that move.
    var first: Int
    /// Nil: the neighbour is fixed.
    var second: Int?
    /// Unit vector along the bond.
    var direction: Vector3
    /// Along the bond, eV/Å².
    var stiffness: Double
  }

  /// Kinds of bonds.
  private enum Bond {
    case metallic, mixed, covalent

    /// At the sum of the covalent radii, eV/Å².
    var stiffness: Double {
      switch self {
      case .metallic: 1.5
      case .mixed: 2.5
      case .covalent: 35
      }
    }

    /// How fast it falls: exp(−decay (r/r₀ − 1)).
    var decay: Double { self == .covalent ? 6 : 3 }
  }

  /// Neighbours are closer than so many sums of covalent radii.
  private static let reach = 2.2
  /// Of the stiffness along a bond, across it.
  private static let across = 0.1
  /// Of the spring that holds an atom in its place, eV/Å².
  private static let anchor = 0.25
  /// Bonds that are too short are at most so many times as stiff as at the sum of the covalent radii.
  private static let mostGrowth = 4.5
  /// Where neighbours cannot be listed atoms are held as ASE's L-BFGS holds them, eV/Å².
  private static let anchorAlone = 70.0

  private var springs: [Spring] = []
  private var anchor = ModelHessian.anchor
  /// 1 along components that may move and 0 along others, for each component.
  private let mask: [Double]
  /// Of its matrix, eV/Å².
  private let diagonal: [Double]
  private let kernels: KernelSet

  /// That of `structure` for what `freedom` lets move.
  ///
  /// - Complexity: O(atoms).
  init(of structure: Structure, _ freedom: DegreesOfFreedom, kernels: KernelSet) {
    self.kernels = kernels
    mask = freedom.mask.flattened
    let radii = structure.elements.map(\.covalentRadius)
    let longest = 2 * ModelHessian.reach * (radii.max() ?? 0)
    if let pairs = try? NeighborPairs(
      positions: structure.positions, cell: structure.cell, cutoff: longest, kernels: kernels)
    {
      springs = ModelHessian.springs(of: pairs, structure, radii, freedom, kernels)
    } else {
      anchor = ModelHessian.anchorAlone
    }
    var diagonal = [Double](repeating: anchor, count: mask.count)
    for spring in springs {
      let own =
        spring.stiffness
        * (Vector3(repeating: ModelHessian.across)
          + (1 - ModelHessian.across) * spring.direction * spring.direction)
      for place in [spring.first, spring.second].compactMap({ $0 }) {
        for axis in 0..<3 { diagonal[3 * place + axis] += own[axis] }
      }
    }
    self.diagonal = diagonal
  }

  private static func springs(
    of pairs: NeighborPairs, _ structure: Structure, _ radii: [Double],
    _ freedom: DegreesOfFreedom, _ kernels: KernelSet
  ) -> [Spring] {
    let elements = structure.elements
    var places = [Int?](repeating: nil, count: structure.count)
    for (place, atom) in freedom.atoms.enumerated() { places[atom] = place }
    var springs: [Spring] = []
    var growths: [Double] = []
    for k in pairs.i.indices {
      let (i, j) = (Int(pairs.i[k]), Int(pairs.j[k]))
      // An atom and its own image move together; every other pair is listed from both sides.
      guard i != j, let first = places[i], places[j].map({ first < $0 }) ?? true else { continue }
      let (distance, contact) = (pairs.distance[k], radii[i] + radii[j])
      guard distance > 0 && distance < reach * contact else { continue }
      let bond: Bond =
        switch (elements[i].isNonmetal, elements[j].isNonmetal) {
        case (true, true): .covalent
        case (false, false): .metallic
        default: .mixed
        }
      let vector =
        structure.positions[j] + structure.cell.translation(pairs.offset[k])
        - structure.positions[i]
      springs.append(
        Spring(
          first: first, second: places[j], direction: vector / distance,
          stiffness: bond.stiffness))
      growths.append(-bond.decay * (distance / contact - 1))
    }
    exponentiate(&growths, kernels: kernels)
    for k in springs.indices { springs[k].stiffness *= min(growths[k], mostGrowth) }
    return springs
  }

  /// Its matrix, with `shift` (eV/Å²) on the diagonal, times `vector` (Å), in eV/Å.
  ///
  /// - Complexity: O(springs).
  func product(_ vector: [Double], shift: Double) -> [Double] {
    var result = vector
    for component in result.indices { result[component] *= anchor + shift }
    for spring in springs {
      let a = 3 * spring.first
      var stretch = Vector3(vector[a], vector[a + 1], vector[a + 2])
      if let second = spring.second {
        let b = 3 * second
        stretch -= Vector3(vector[b], vector[b + 1], vector[b + 2])
      }
      let pull =
        spring.stiffness
        * (ModelHessian.across * stretch
          + (1 - ModelHessian.across) * spring.direction.dot(stretch) * spring.direction)
      for axis in 0..<3 { result[a + axis] += pull[axis] }
      if let second = spring.second {
        for axis in 0..<3 { result[3 * second + axis] -= pull[axis] }
      }
    }
    for component in result.indices { result[component] *= mask[component] }
    return result
  }

  /// The vector (Å) whose product is `gradient` (eV/Å), which has zeros where nothing may move.
  ///
  /// By conjugate gradients with the diagonal as preconditioner, to eight digits.
  func solve(_ gradient: [Double], shift: Double) -> [Double] {
    var solution = [Double](repeating: 0, count: gradient.count)
    var residual = gradient
    let inverse = diagonal.map { 1 / ($0 + shift) }
    func conditioned() -> [Double] { residual.indices.map { inverse[$0] * residual[$0] } }
    var direction = conditioned()
    var size = dot(residual, direction, kernels: kernels)
    let goal = size * 1e-16
    // A matrix of n rows needs n steps in exact arithmetic, and as well conditioned as this fewer.
    for _ in 0..<max(100, gradient.count) where size > goal {
      let image = product(direction, shift: shift)
      let curvature = dot(direction, image, kernels: kernels)
      guard curvature > 0 else { break }
      addScaled(&solution, size / curvature, direction, kernels: kernels)
      addScaled(&residual, -size / curvature, image, kernels: kernels)
      let next = conditioned()
      let nextSize = dot(residual, next, kernels: kernels)
      let ratio = nextSize / size
      for component in direction.indices {
        direction[component] = next[component] + ratio * direction[component]
      }
      size = nextSize
    }
    return solution
  }

  /// Bytes that it takes at most for so many vectors.
  static func bytes(for vectors: Int) -> Double {
    // 120 neighbours of an atom are within reach in a dense metal, listed from both sides.
    Double(vectors) * 120 * (64 + 2 * 32)
  }
}
