// SPDX-License-Identifier: MIT

import RelaxNumerics
import Structures

/// Grimme's dispersion correction D3 for a density functional: what it lacks of van der Waals forces, to
/// be added to it.
///
/// Pairs of atoms attract each other by C6 / r⁶ and C8 / r⁸, damped at short distances; C6 depends on
/// the coordination numbers of both atoms. With `atm` there are triples too, after Axilrod, Teller and
/// Muto. Cutoffs are sharp, as in s-dftd3: 60 Bohr for pairs, 40 for coordination numbers and for the
/// sides of triples. So energies jump as images cross them, by less than 1e-6 eV each.
///
/// Grimme, Antony, Ehrlich and Krieg, J. Chem. Phys. 132, 154104 (2010); Grimme, Ehrlich and Goerigk,
/// J. Comput. Chem. 32, 1456 (2011).
public struct Dispersion: ForceProvider, Hashable {
  let functional: DispersionFunctional
  /// Whether there are triples.
  public let hasTriples: Bool
  private let kernels: KernelSet

  /// The correction for a functional.
  ///
  /// - Parameters:
  ///   - functional: its name, such as `pbe`, in any case, with hyphens or without.
  ///   - damping: `bj` or `zero`, in any case.
  ///   - triples: whether triples of atoms are added.
  ///   - kernels: what to compute with.
  /// - Throws: `ForceError.badSpecification` for names that are unknown.
  public init(
    functional: String, damping: String = "bj", triples: Bool = false,
    kernels: KernelSet = .preferred
  ) throws(ForceError) {
    let specification =
      "d3:xc=\(functional),damping=\(damping),atm=\(triples ? "on" : "off")"
    guard let damping = DispersionFunctional.Damping(rawValue: damping.lowercased()) else {
      let names = DispersionFunctional.Damping.allCases.map(\.rawValue)
      throw .badSpecification(
        specification, reason: "there is no damping `\(damping)`" + Spelling.hint(damping, names))
    }
    guard let found = DispersionFunctional.named(functional, damping) else {
      throw .badSpecification(
        specification, reason: DispersionFunctional.hint(functional, damping))
    }
    (self.functional, hasTriples, self.kernels) = (found, triples, kernels)
  }

  /// `d3:xc=…,damping=…,atm=…`, the functional by its usual name in lower case.
  public var specification: String {
    "d3:xc=\(functional.name),damping=\(functional.damping.rawValue),"
      + "atm=\(hasTriples ? "on" : "off")"
  }

  /// Energy, forces and stress.
  public var quantities: Quantities { [.energy, .forces, .stress] }

  /// Hydrogen to plutonium.
  public var knownElements: Set<Element>? {
    Set((1...DispersionReference.elementCount).compactMap { Element(atomicNumber: $0) })
  }

  /// Prepares evaluations of a structure.
  ///
  /// - Throws: `ForceError.unknownElements`.
  public func makeEvaluator(for structure: Structure) throws(ForceError) -> any Evaluator {
    try requireKnownElements(of: structure)
    return DispersionEvaluator(self, structure, kernels)
  }

  /// Bytes: pairs are not listed, but for triples their coefficients are.
  public func memory(for structure: Structure) -> Int {
    let atoms = Double(structure.count)
    // An array of two numbers a pair, which grows by doubling.
    let triples = hasTriples ? 32 * atoms * atoms + 2e7 : 0
    return ListedMemory.bytes(350 * atoms + triples)
  }

  /// The atomic unit of length in Å, and of energy in eV, as `ase.units` has them (CODATA 2014): what
  /// the ASE calculator of the package dftd3 converts with.
  static let bohr = 0.5291772105638411, hartree = 27.211386024367243
  /// Å in atomic units by CODATA 2018, by which the published radii are converted there.
  private static let angstrom = 1 / 0.529177210903

  /// Bohr.
  static let pairCutoff = 60.0, countCutoff = 40.0, tripleCutoff = 40.0

  /// What the inner loops need to know of `elements`.
  func constants(of elements: [Element]) -> DispersionConstants {
    typealias Reference = DispersionReference
    let numbers = elements.map { Int($0.atomicNumber) }
    let q = numbers.map { z in
      (0.5 * Reference.moment(of: z) * Double(z).squareRoot()).squareRoot()
    }
    let (s6, s8, radius) = (functional.s6, functional.s8, functional.radius)
    return DispersionConstants(
      damping: functional.damping == .bj ? .rational : .zero,
      references: numbers.map(Reference.coordinationNumbers)
    ) { a, b in
      let ratio = 3 * q[a] * q[b]  // C8 / C6
      let pairRadius = Reference.pairRadius(numbers[a], numbers[b]) * Self.angstrom
      let covalent = [a, b].map { Reference.covalentRadius(of: numbers[$0]) }
      let rational = radius.0 * ratio.squareRoot() + radius.1
      return DispersionConstants.Pair(
        countRadius: 4 / 3 * (covalent[0] + covalent[1]) * Self.angstrom,
        dampingRadius6: functional.damping == .bj ? rational : radius.0 * pairRadius,
        dampingRadius8: functional.damping == .bj ? rational : radius.1 * pairRadius,
        scale6: s6, scale8: s8 * ratio, tripleRadius: 4 / 3 * pairRadius,
        c6: Reference.c6(numbers[a], numbers[b]))
    }
  }
}

extension Dispersion {
  /// What a specification asks for: `xc`, and if it is given `damping` and `atm`.
  ///
  /// - Throws: `ForceError.badSpecification`.
  init(_ term: ProviderSpecification.Term, _ kernels: KernelSet) throws(ForceError) {
    guard let functional = term.value("xc") else {
      throw term.refusal(
        "xc is missing: name the functional whose dispersion it is, such as d3:xc=pbe")
    }
    let triples = try term.flag("atm") ?? false
    do throws(ForceError) {
      try self.init(
        functional: functional, damping: term.value("damping") ?? "bj", triples: triples,
        kernels: kernels)
    } catch {
      guard case .badSpecification(_, let reason) = error else { throw error }
      throw term.refusal(reason)
    }
  }
}
