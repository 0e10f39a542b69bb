// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// The 12-6 potential of Lennard-Jones between all atoms alike, u(r) = 4ε((σ/r)¹² − (σ/r)⁶), cut off
/// as ASE's `LennardJones` does.
///
/// Without an onset every pair energy is shifted to be 0 at the cutoff, and forces jump there. With
/// an onset it is ASE's `smooth=True` with `ro` = onset: energy and force go to 0 smoothly between
/// onset and cutoff.
public struct LennardJones: ForceProvider {
  /// Distance in Å at which the pair energy changes sign.
  public let sigma: Double
  /// Depth of the well in eV.
  public let epsilon: Double
  /// Distance in Å beyond which pairs do not interact.
  public let cutoff: Double
  /// Distance in Å at which the switch begins; nil for a plain shift.
  public let onset: Double?
  /// What to compute with.
  let kernels: KernelSet

  /// A potential for atoms of any element.
  ///
  /// - Parameters:
  ///   - sigma: Å, positive.
  ///   - epsilon: eV, positive.
  ///   - cutoff: Å, positive and at most 10⁶; 3σ unless given.
  ///   - onset: Å, positive and below the cutoff; nil for a plain shift.
  ///   - kernels: what to compute with.
  /// - Throws: `ForceError.badSpecification` for values out of these ranges.
  public init(
    sigma: Double, epsilon: Double, cutoff: Double? = nil, onset: Double? = nil,
    kernels: KernelSet = .preferred
  ) throws(ForceError) {
    let cutoff = cutoff ?? 3 * sigma
    (self.sigma, self.epsilon, self.cutoff, self.onset) = (sigma, epsilon, cutoff, onset)
    self.kernels = kernels
    func refuse(_ reason: String) -> ForceError {
      .badSpecification(specification, reason: reason)
    }
    for (name, value) in [("sigma", sigma), ("epsilon", epsilon), ("cutoff", cutoff)] {
      guard value > 0 && value.isFinite else {
        throw refuse("\(name) must be a positive number")
      }
    }
    guard cutoff <= Self.longestCutoff else {
      throw refuse("cutoff must be at most \(shortest(Self.longestCutoff)) Å (it is \(cutoff))")
    }
    if let onset {
      guard onset > 0 && onset < cutoff else {
        throw refuse("onset must be positive and below the cutoff (\(cutoff) Å)")
      }
    }
  }

  /// Å; no structure is wider, and neighbours farther away lose the digits of single precision.
  public static let longestCutoff = 1e6

  /// Told where σ is the default of 1 Å, which the distances of no element fit.
  public var cautions: [String] {
    guard sigma == 1 else { return [] }
    return [
      "lj with sigma=1 (Å; the default, like epsilon=1 eV) fits no element: its atoms are at rest 1.12 Å "
        + "apart; give lj:sigma=…,epsilon=…,cutoff=…"
    ]
  }

  /// `lj:sigma=…,epsilon=…,cutoff=…[,onset=…]`, each number in the fewest digits that read back.
  public var specification: String {
    let text =
      "lj:sigma=\(shortest(sigma)),epsilon=\(shortest(epsilon)),cutoff=\(shortest(cutoff))"
    return onset.map { text + ",onset=\(shortest($0))" } ?? text
  }

  /// Nil: it takes any element.
  public var knownElements: Set<Element>? { nil }

  /// Energy, forces and stress.
  public var quantities: Quantities { [.energy, .forces, .stress] }

  /// Prepares evaluations of a structure, with a neighbour list of its own.
  public func makeEvaluator(for structure: Structure) throws(ForceError) -> any Evaluator {
    LennardJonesEvaluator(potential: self)
  }

  /// Bytes, mostly of the neighbour list.
  public func memory(for structure: Structure) -> Int {
    let pairs = PairEstimate(structure, reach: cutoff + LennardJonesEvaluator.skin)
    return ListedMemory.bytes(VerletList.memory(pairs) + 70 * pairs.atoms)
  }

  /// The shortest text that reads back as `number`.
  private func shortest(_ number: Double) -> String { number.description }
}

/// Evaluates one structure; keeps its neighbour list from one geometry to the next.
struct LennardJonesEvaluator: Evaluator {
  private let potential: LennardJones
  private let kernel: LennardJonesKernel
  private let kernels: KernelSet
  private var list: VerletList
  private var rowForces: [SIMD4<Double>] = []

  init(potential: LennardJones) {
    self.potential = potential
    kernel = LennardJonesKernel(
      sigma: potential.sigma, epsilon: potential.epsilon, cutoff: potential.cutoff,
      onset: potential.onset)
    kernels = potential.kernels
    list = VerletList(
      cutoff: potential.cutoff, skin: LennardJonesEvaluator.skin, kernels: kernels)
  }

  /// Skin in Å: relaxations of 80 and of 10,975 atoms are fastest near it, and nearly as fast from
  /// 0.3 to 0.7 (results/neighbors-and-lj.md).
  static let skin = 0.5

  mutating func evaluate(
    _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
  ) throws(ForceError) -> Evaluation {
    try cancellation.check()
    try follow(geometry)
    try cancellation.check()
    var evaluation = Evaluation(
      forces: [Vector3](repeating: .zero, count: geometry.positions.count))
    if wanting.contains(.stress) && geometry.cell.hasVolume {
      var virial = SymmetricTensor.zero
      evaluation.energy = kernel.evaluate(
        list.rows, forces: &rowForces, virial: &virial, kernels: kernels)
      evaluation.stress = geometry.cell.stress(ofVirial: virial)
    } else {
      evaluation.energy = kernel.evaluate(list.rows, forces: &rowForces, kernels: kernels)
    }
    for (row, force) in rowForces.enumerated() {
      evaluation.forces[Int(list.owners[row])] = Vector3(force.x, force.y, force.z)
    }
    return evaluation
  }

  mutating func follow(_ geometry: Geometry) throws(ForceError) {
    try geometry.requireSound()
    _ = try list.update(for: geometry, of: potential.specification)
  }

  mutating func forget() { list.forget() }
}
