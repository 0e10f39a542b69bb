// SPDX-License-Identifier: MIT

import CLibrary
import RelaxNumerics
import Structures

/// Effective medium theory for Al, Ni, Cu, Pd, Ag, Pt and Au, and for H, C, N and O in name only:
/// the potential of ASE's `EMT` with its default settings.
///
/// Jacobsen, Stoltze and Nørskov, Surf. Sci. 366, 394 (1996). Energies are relative to the metals in
/// equilibrium, as ASE has them; an atom without any neighbour has −E0. The logistic cutoff function
/// is cut off 0.5 Å beyond its midpoint, where energies jump by some 1e-6 eV.
public struct EffectiveMediumTheory: ForceProvider, Hashable {
  private let kernels: KernelSet

  /// The potential, which has no parameters to choose.
  ///
  /// - Parameter kernels: what to compute with.
  public init(kernels: KernelSet = .preferred) { self.kernels = kernels }

  /// `emt`: there is nothing to set.
  public var specification: String { "emt" }

  /// Energy, forces and stress.
  public var quantities: Quantities { [.energy, .forces, .stress] }

  /// The eleven elements that have parameters.
  public var knownElements: Set<Element>? { Set(Self.parameters.keys) }

  /// Prepares evaluations of a structure, with a neighbour list of its own.
  ///
  /// - Throws: `ForceError.unknownElements`.
  public func makeEvaluator(for structure: Structure) throws(ForceError) -> any Evaluator {
    try requireKnownElements(of: structure)
    return EffectiveMediumEvaluator(structure, kernels)
  }

  /// Bytes: of the neighbour list, and eleven numbers of each pair, which is taken once.
  public func memory(for structure: Structure) -> Int {
    let pairs = PairEstimate(structure, reach: Self.cutoff + EffectiveMediumEvaluator.skin)
    let kinds = Double(Set(structure.elements).count)
    return ListedMemory.bytes(
      VerletList.memory(pairs) + (200 + 64 * kinds) * pairs.atoms + 58 * pairs.pairs)
  }

  /// Parameters of an element, in eV and atomic units of length as they are published.
  struct Parameters {
    var e0: Double, s0: Double, v0: Double, eta2: Double, kappa: Double, lambda: Double, n0: Double
  }

  /// Published parameters; those of H, C, N and O are ASE's.
  static let parameters: [Element: Parameters] = {
    let rows: [(String, Parameters)] = [
      row("H", -3.21, 1.31, 0.132, 2.652, 2.790, 3.892, 0.00547),
      row("C", -3.50, 1.81, 0.332, 1.652, 2.790, 1.892, 0.01322),
      row("N", -5.10, 1.88, 0.132, 1.652, 2.790, 1.892, 0.01222),
      row("O", -4.60, 1.95, 0.332, 1.652, 2.790, 1.892, 0.00850),
      row("Al", -3.28, 3.00, 1.493, 1.240, 2.000, 1.169, 0.00700),
      row("Ni", -4.44, 2.60, 3.673, 1.669, 2.757, 1.948, 0.01030),
      row("Cu", -3.51, 2.67, 2.476, 1.652, 2.740, 1.906, 0.00910),
      row("Pd", -3.90, 2.87, 2.773, 1.818, 3.107, 2.155, 0.00688),
      row("Ag", -2.96, 3.01, 2.132, 1.652, 2.790, 1.892, 0.00547),
      row("Pt", -5.85, 2.90, 4.067, 1.812, 3.145, 2.192, 0.00802),
      row("Au", -3.80, 3.00, 2.321, 1.674, 2.873, 2.182, 0.00703),
    ]
    var table: [Element: Parameters] = [:]
    for (symbol, parameters) in rows {
      if let element = Element(symbol: symbol) { table[element] = parameters }
    }
    return table
  }()

  private static func row(
    _ symbol: String, _ e0: Double, _ s0: Double, _ v0: Double, _ eta2: Double, _ kappa: Double,
    _ lambda: Double, _ n0: Double
  ) -> (String, Parameters) {
    let parameters = Parameters(
      e0: e0, s0: s0, v0: v0, eta2: eta2, kappa: kappa, lambda: lambda, n0: n0)
    return (symbol, parameters)
  }

  /// The atomic unit of length in Å, as `ase.units` computes it from CODATA 2014.
  static let bohr = 0.5291772105638411
  /// Nearest-neighbour distance over Wigner–Seitz radius, with its historical rounding.
  static let beta = 1.809
  /// The cutoff function is ½ here (Å): halfway between the third and fourth neighbours in an fcc
  /// crystal of the widest element of the table, silver.
  static let midpoint = widestNeighbor * 0.5 * (3.0.squareRoot() + 2)
  /// Steepness of the cutoff function in 1/Å: it is 1e-4 at the fourth neighbours.
  static let steepness = log(1 / 1e-4 - 1) / (widestNeighbor * 2 - midpoint)
  /// Pairs at this distance (Å) or beyond do not interact.
  static let cutoff = midpoint + 0.5

  private static let widestNeighbor = beta * (parameters.values.map(\.s0).max() ?? 0) * bohr

  /// What the inner loops need to know of `elements`.
  static func constants(of elements: [Element]) -> EffectiveMediumConstants {
    let species = elements.compactMap { parameters[$0] }.map { p in
      let s0 = p.s0 * bohr
      let eta2 = p.eta2 / bohr
      let kappa = p.kappa / bohr
      // Sums over three shells of neighbours in the fcc crystal.
      var (gamma1, gamma2) = (0.0, 0.0)
      for (atoms, square) in [(12.0, 1.0), (6.0, 2.0), (24.0, 3.0)] {
        let r = beta * s0 * square.squareRoot()
        let weight = atoms / 12 / (1 + exp(steepness * (r - midpoint)))
        gamma1 += weight * exp(-eta2 * (r - beta * s0))
        gamma2 += weight * exp(-kappa / beta * (r - beta * s0))
      }
      return EffectiveMediumConstants.Species(
        e0: p.e0, lambda: p.lambda / bohr, v0: p.v0, kappa: kappa, eta2: eta2, s0: s0,
        n0: p.n0 / (bohr * bohr * bohr), gamma1: gamma1, gamma2: gamma2)
    }
    return EffectiveMediumConstants(
      species: species, beta: beta, midpoint: midpoint, steepness: steepness, cutoff: cutoff)
  }
}

/// Neighbour list and memory for one structure.
struct EffectiveMediumEvaluator: Evaluator {
  /// Pairs this much (Å) beyond the cutoff are listed, so that a list serves several steps.
  ///
  /// Measured over relaxations of slabs of 20 to 50 atoms; anything from 0.6 to 1.3 Å is as good.
  static let skin = 0.8

  private let kernels: KernelSet
  private var list: VerletList
  private var sums: EffectiveMediumSums

  init(_ structure: Structure, _ kernels: KernelSet) {
    self.kernels = kernels
    let elements = Set(structure.elements).sorted()
    let species = structure.elements.map { elements.firstIndex(of: $0) ?? 0 }
    list = VerletList(cutoff: EffectiveMediumTheory.cutoff, skin: Self.skin, kernels: kernels)
    sums = EffectiveMediumSums(EffectiveMediumTheory.constants(of: elements), species: species)
  }

  mutating func evaluate(
    _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
  ) throws(ForceError) -> Evaluation {
    try cancellation.check()
    try follow(geometry)
    try cancellation.check()
    var evaluation = Evaluation(
      forces: [Vector3](repeating: .zero, count: geometry.positions.count))
    let coordinates = list.rows.coordinates
    if wanting.contains(.stress) && geometry.cell.hasVolume {
      var virial = SymmetricTensor.zero
      evaluation.energy = sums.evaluate(
        coordinates: coordinates, forces: &evaluation.forces, virial: &virial, kernels: kernels)
      evaluation.stress = geometry.cell.stress(ofVirial: virial)
    } else {
      evaluation.energy = sums.evaluate(
        coordinates: coordinates, forces: &evaluation.forces, kernels: kernels)
    }
    return evaluation
  }

  mutating func follow(_ geometry: Geometry) throws(ForceError) {
    try geometry.requireSound()
    if try list.update(for: geometry, of: "emt") { sums.adopt(list.rows, owners: list.owners) }
  }

  mutating func forget() { list.forget() }
}
