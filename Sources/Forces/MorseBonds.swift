// SPDX-License-Identifier: MIT

import CLibrary
import RelaxNumerics
import Structures

/// Morse bonds between H, C, N and O (none between two hydrogens), switched off from 1.7 to 2.3 Å.
///
/// E = Σ D [(1 − e^(−a (r − r0)))² − 1] s(r) over pairs, with a = 2 1/Å and s = 1 − u³ (10 − 15 u +
/// 6 u²), u = (r − 1.7) / 0.6, between the two distances. Added to effective medium theory it holds
/// adsorbed molecules together. Other elements have no bonds, so that any structure may be given.
public struct MorseBonds: ForceProvider, Hashable {
  private let kernels: KernelSet

  /// The potential, which has no parameters to choose.
  ///
  /// - Parameter kernels: what to search neighbours with.
  public init(kernels: KernelSet = .preferred) { self.kernels = kernels }

  /// `morse`: there is nothing to set.
  public var specification: String { "morse" }

  /// Energy, forces and stress.
  public var quantities: Quantities { [.energy, .forces, .stress] }

  /// Nil: it takes any element.
  public var knownElements: Set<Element>? { nil }

  /// Prepares evaluations of a structure, with a list of the atoms that can have bonds.
  public func makeEvaluator(for structure: Structure) throws(ForceError) -> any Evaluator {
    MorseEvaluator(structure, kernels)
  }

  /// Bytes, mostly of the list of atoms that can have bonds.
  public func memory(for structure: Structure) -> Int {
    let bonding = structure.elements.indices.filter {
      Self.elements.contains(structure.elements[$0])
    }
    let pairs = PairEstimate(
      positions: bonding.map { structure.positions[$0] }, cell: structure.cell,
      reach: Self.cutoff + MorseEvaluator.skin)
    return ListedMemory.bytes(
      VerletList.memory(pairs) + 60 * pairs.atoms + 64 * Double(structure.count))
  }

  /// Depth in eV and length in Å of a bond.
  struct Bond {
    var depth: Double, length: Double
  }

  /// 1/Å.
  static let steepness = 2.0
  /// Where the switching begins and ends, Å.
  static let onset = 1.7, cutoff = 2.3

  /// The atomic numbers of two elements, lower first, and their bond.
  private static let bonds: [[UInt8]: Bond] = [
    [1, 6]: Bond(depth: 3.5, length: 1.10), [1, 7]: Bond(depth: 3.5, length: 1.02),
    [1, 8]: Bond(depth: 3.5, length: 0.98), [6, 6]: Bond(depth: 4.0, length: 1.45),
    [6, 7]: Bond(depth: 5.0, length: 1.17), [6, 8]: Bond(depth: 6.0, length: 1.18),
    [7, 7]: Bond(depth: 5.0, length: 1.15), [7, 8]: Bond(depth: 4.0, length: 1.20),
    [8, 8]: Bond(depth: 3.0, length: 1.32),
  ]

  /// Elements that can have bonds.
  static let elements = [1, 6, 7, 8].compactMap { Element(atomicNumber: $0) }

  /// The bond between two elements, if there is any.
  static func bond(_ a: Element, _ b: Element) -> Bond? {
    bonds[[min(a, b).atomicNumber, max(a, b).atomicNumber]]
  }

  /// Energy of a bond at the distance `r` (Å, below the cutoff) and its derivative.
  static func energy(of bond: Bond, at r: Double) -> (energy: Double, derivative: Double) {
    let x = exp(-steepness * (r - bond.length))
    let energy = bond.depth * ((1 - x) * (1 - x) - 1)
    let derivative = 2 * bond.depth * steepness * (1 - x) * x
    guard r > onset else { return (energy, derivative) }
    let width = cutoff - onset
    let u = (r - onset) / width
    let s = 1 - u * u * u * (10 - u * (15 - 6 * u))
    let slope = -30 * u * u * (1 - u) * (1 - u) / width
    return (energy * s, derivative * s + energy * slope)
  }
}

/// Neighbour list of the atoms that can have bonds.
struct MorseEvaluator: Evaluator {
  /// Wide, because a list of a few atoms costs little to walk.
  static let skin = 1.0

  /// Indices of the atoms that can have bonds.
  private let atoms: [Int]
  /// Index of each one's element in `MorseBonds.elements`.
  private let kinds: [Int]
  /// Bonds between two kinds.
  private let bonds: [MorseBonds.Bond?]
  private var list: VerletList
  private var positionsOfAtoms: [Vector3]

  init(_ structure: Structure, _ kernels: KernelSet) {
    list = VerletList(cutoff: MorseBonds.cutoff, skin: Self.skin, kernels: kernels)
    let elements = MorseBonds.elements
    let atoms = structure.elements.indices.filter { elements.contains(structure.elements[$0]) }
    self.atoms = atoms
    kinds = atoms.map { elements.firstIndex(of: structure.elements[$0]) ?? 0 }
    bonds = elements.flatMap { a in elements.map { b in MorseBonds.bond(a, b) } }
    positionsOfAtoms = Array(repeating: .zero, count: atoms.count)
  }

  mutating func evaluate(
    _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
  ) throws(ForceError) -> Evaluation {
    try cancellation.check()
    try follow(geometry)
    let wantsStress = wanting.contains(.stress) && geometry.cell.hasVolume
    var energy = 0.0
    var forces = [Vector3](repeating: .zero, count: geometry.positions.count)
    var virial = SymmetricTensor.zero
    let rows = list.rows
    for row in atoms.indices {
      let center = rows.coordinates[row]
      let atom = Int(list.owners[row])
      var force = Vector3.zero
      for k in Int(rows.starts[row])..<Int(rows.starts[row + 1]) {
        let neighbor = Int(rows.neighbors[k])
        let partner = Int(list.owners[neighbor])
        let difference = rows.coordinates[neighbor] - center
        let d = Vector3(difference.x, difference.y, difference.z)
        guard d.lengthSquared < MorseBonds.cutoff * MorseBonds.cutoff,
          let bond = bonds[kinds[atom] * MorseBonds.elements.count + kinds[partner]]
        else { continue }
        let r = d.length
        let pair = MorseBonds.energy(of: bond, at: r)
        // The list holds every pair twice, once from each end.
        energy += 0.5 * pair.energy
        force += pair.derivative / r * d
        if wantsStress {
          virial += -0.5 * SymmetricTensor(product: d, pair.derivative / r * d)
        }
      }
      forces[atoms[atom]] = force
    }
    return Evaluation(
      energy: energy, forces: forces,
      stress: wantsStress ? geometry.cell.stress(ofVirial: virial) : nil)
  }
  mutating func follow(_ geometry: Geometry) throws(ForceError) {
    try geometry.requireSound()
    guard !atoms.isEmpty else { return }
    for (k, atom) in atoms.enumerated() { positionsOfAtoms[k] = geometry.positions[atom] }
    _ = try list.update(positions: positionsOfAtoms, cell: geometry.cell, of: "morse")
  }

  mutating func forget() { list.forget() }
}
