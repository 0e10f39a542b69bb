// SPDX-License-Identifier: MIT

import CKernels

/// Constants of effective medium theory in eV and Å, as the inner loops need them.
public struct EffectiveMediumConstants: Sendable {
  /// Constants of one species.
  public struct Species: Sendable {
    /// E0 in eV, λ in 1/Å, V0 in eV, κ in 1/Å, η2 in 1/Å and s0 in Å.
    public var e0: Double, lambda: Double, v0: Double, kappa: Double, eta2: Double, s0: Double
    /// n0 in 1/Å³, γ1 and γ2.
    public var n0: Double, gamma1: Double, gamma2: Double

    /// All constants of a species.
    public init(
      e0: Double, lambda: Double, v0: Double, kappa: Double, eta2: Double, s0: Double, n0: Double,
      gamma1: Double, gamma2: Double
    ) {
      (self.e0, self.lambda, self.v0, self.kappa) = (e0, lambda, v0, kappa)
      (self.eta2, self.s0, self.n0) = (eta2, s0, n0)
      (self.gamma1, self.gamma2) = (gamma1, gamma2)
    }
  }

  /// Constants by species.
  public var species: [Species]
  /// β: nearest-neighbour distance over Wigner–Seitz radius in fcc.
  public var beta: Double
  /// Distance in Å at which the cutoff function is ½, and its steepness in 1/Å.
  public var midpoint: Double, steepness: Double
  /// Pairs at this distance (Å) or beyond do not interact.
  public var cutoff: Double

  /// Constants of all species, and of the cutoff function that they share.
  public init(
    species: [Species], beta: Double, midpoint: Double, steepness: Double, cutoff: Double
  ) {
    (self.species, self.beta) = (species, beta)
    (self.midpoint, self.steepness, self.cutoff) = (midpoint, steepness, cutoff)
  }
}

/// Energy and forces of effective medium theory for atoms of given species: the pair list in the
/// form that the kernel wants, and its memory.
///
/// The sums run in an order that depends on the neighbour list and the kernel set alone.
public struct EffectiveMediumSums {
  private let constants: EffectiveMediumConstants
  /// Species of each atom.
  private let species: [Int]
  private let table: [relax_emt_species]
  /// E0, λ, 6 V0, κ, β η2 and 1 / (12 γ1) by atom, each padded to a multiple of eight.
  private let atomConstants: [Double]

  private var blocks: [relax_emt_block] = []
  private var runs: [relax_emt_run] = []
  private var pairRows: [Int32] = []
  private var partners: [Int32] = []
  private var scratch: [Double] = []
  private var indices: [Int32] = []
  /// Neighbours and runs of each block while the list is sorted; kept for its memory.
  private var drafts: [Draft]

  private struct Draft {
    var rows: [Int32] = []
    var partners: [Int32] = []
    var runs: [relax_emt_run] = []

    mutating func add(row: Int32, partner: Int32, of atom: Int32, at center: Int32) {
      if runs.last?.row != center {
        let first = Int32(rows.count)
        runs.append(relax_emt_run(row: center, atom: atom, first: first, last: first))
      }
      rows.append(row)
      partners.append(partner)
      runs[runs.count - 1].last += 1
    }
  }

  /// Prepares evaluations of atoms whose species are indices into `constants.species`.
  public init(_ constants: EffectiveMediumConstants, species: [Int]) {
    self.constants = constants
    self.species = species
    let beta = constants.beta
    table = constants.species.map {
      relax_emt_species(
        decay1: $0.eta2, shift1: $0.eta2 * beta * $0.s0, decay2: $0.kappa / beta,
        shift2: $0.kappa * $0.s0)
    }
    // Atoms that fill up the last vector have no energy and no neighbours.
    let columns: [(padding: Double, value: (EffectiveMediumConstants.Species) -> Double)] = [
      (0, { $0.e0 }), (0, { $0.lambda }), (0, { 6 * $0.v0 }), (0, { $0.kappa }),
      (1, { beta * $0.eta2 }), (1, { 1 / (12 * $0.gamma1) }),
    ]
    atomConstants = columns.flatMap { column in
      species.map { column.value(constants.species[$0]) }
        + Array(repeating: column.padding, count: -species.count & 7)
    }
    // One block a pair of species, and one a species for atoms that see their own images.
    let count = constants.species.count
    drafts = Array(repeating: Draft(), count: count * count + count)
  }

  /// Takes over a new neighbour list; `owners` gives the atom of each row.
  ///
  /// - Complexity: O(pairs).
  public mutating func adopt(_ list: NeighborRows, owners: [Int32]) {
    let count = constants.species.count
    for index in drafts.indices {
      drafts[index].rows.removeAll(keepingCapacity: true)
      drafts[index].partners.removeAll(keepingCapacity: true)
      drafts[index].runs.removeAll(keepingCapacity: true)
    }
    for row in species.indices {
      let atom = owners[row]
      let a = species[Int(atom)]
      for k in Int(list.starts[row])..<Int(list.starts[row + 1]) {
        let neighbor = list.neighbors[k]
        let partner = owners[Int(neighbor)]
        let b = species[Int(partner)]
        // Of the two orders of a pair take one, but both of an atom and its image.
        guard a < b || (a == b && atom <= partner) else { continue }
        let draft = atom == partner ? count * count + a : a * count + b
        drafts[draft].add(row: neighbor, partner: partner, of: atom, at: Int32(row))
      }
    }
    blocks.removeAll(keepingCapacity: true)
    runs.removeAll(keepingCapacity: true)
    pairRows.removeAll(keepingCapacity: true)
    partners.removeAll(keepingCapacity: true)
    for (index, draft) in drafts.enumerated() where !draft.runs.isEmpty {
      let isOwnImage = index >= count * count
      let a = isOwnImage ? index - count * count : index / count
      let b = isOwnImage ? a : index % count
      let firstRun = Int32(runs.count)
      let offset = Int32(pairRows.count)
      for run in draft.runs {
        runs.append(
          relax_emt_run(
            row: run.row, atom: run.atom, first: run.first + offset, last: run.last + offset))
      }
      pairRows += draft.rows
      partners += draft.partners
      blocks.append(
        block(a, b, weight: isOwnImage ? 0.5 : 1, runs: firstRun..<Int32(runs.count)))
    }
    let doubles = relax_emt_scratch(species.count, pairRows.count, blocks.count)
    if scratch.count < doubles { scratch = Array(repeating: 0, count: doubles) }
    let integers = relax_emt_capacity(pairRows.count, blocks.count) + runs.count
    if indices.count < integers { indices = Array(repeating: 0, count: integers) }
  }

  private func block(
    _ a: Int, _ b: Int, weight: Double, runs: Range<Int32>
  ) -> relax_emt_block {
    let (one, other) = (constants.species[a], constants.species[b])
    let chi = other.n0 / one.n0
    return relax_emt_block(
      a: Int32(a), b: Int32(b), first_run: runs.lowerBound, last_run: runs.upperBound,
      sigma_a: weight * chi, sigma_b: weight / chi,
      pair_a: weight * chi * (-0.5 * one.v0 / one.gamma2),
      pair_b: weight / chi * (-0.5 * other.v0 / other.gamma2))
  }

  /// Energy (eV) and forces (eV/Å) at the coordinates of the list that was adopted last.
  ///
  /// - Parameters:
  ///   - coordinates: of all rows of that list, Å.
  ///   - forces: overwritten, one an atom.
  ///   - kernels: what to sum with.
  public mutating func evaluate(
    coordinates: [SIMD4<Double>], forces: inout [Vector3], kernels: KernelSet
  ) -> Double {
    evaluate(coordinates, &forces, virial: nil, kernels)
  }

  /// The same to the last bit, and the virial Σ r ⊗ f over pairs in eV: what stretching the structure
  /// changes of the energy, with the opposite sign.
  public mutating func evaluate(
    coordinates: [SIMD4<Double>], forces: inout [Vector3], virial: inout SymmetricTensor,
    kernels: KernelSet
  ) -> Double {
    var numbers = [Double](repeating: 0, count: 6)
    let energy = numbers.withUnsafeMutableBufferPointer {
      evaluate(coordinates, &forces, virial: $0.baseAddress, kernels)
    }
    virial = SymmetricTensor(voigt: numbers)
    return energy
  }

  private mutating func evaluate(
    _ coordinates: [SIMD4<Double>], _ forces: inout [Vector3],
    virial: UnsafeMutablePointer<Double>?, _ kernels: KernelSet
  ) -> Double {
    precondition(
      forces.count == species.count, "\(forces.count) forces for \(species.count) atoms")
    guard !species.isEmpty else { return 0 }
    // Here the cutoff function is e^-400: far below the last digit of any sum, yet far above the
    // smallest numbers, which are slow.
    let far = constants.midpoint + 400 / constants.steepness
    var problem = relax_emt_problem(
      midpoint: constants.midpoint, slope: constants.steepness, cutoff: constants.cutoff,
      far_square: far * far, atoms: species.count, pairs: pairRows.count,
      block_count: blocks.count)
    return relax_emt(
      kernels.rawValue, &problem, table, blocks, runs, pairRows, partners, atomConstants,
      coordinates, &scratch, &indices, &forces, virial)
  }
}
