// SPDX-License-Identifier: MIT

import Forces
import Networks
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import ReferenceNetworks

/// SchNet and DimeNet++ in single precision against the reference, and what follows from what they are.
@Suite("Networks of energies") struct EnergyNetworkTests {
  private static func configuration(
    _ random: inout SeededGenerator
  ) -> NetworkModel.Architecture {
    func pick<Choice>(_ choices: [Choice]) -> Choice {
      choices[Int(random.next() % UInt64(choices.count))]
    }
    if random.next() % 2 == 0 {
      var c = SchNetConfiguration()
      (c.hiddenChannels, c.filters) = (pick([2, 9, 17, 34]), pick([1, 7, 16, 33]))
      (c.interactions, c.gaussians) = (pick([1, 2, 3]), pick([2, 9, 50]))
      (c.cutoff, c.readout) = (pick([6, 4.5, 5.3]), pick(SchNetConfiguration.Readout.allCases))
      c.maximumNeighbors = pick([50, 50, 12])
      return .schNet(c)
    }
    var c = DimeNetConfiguration()
    (c.hiddenChannels, c.outputChannels) = (pick([1, 8, 17, 33]), pick([1, 6, 19]))
    (c.tripletChannels, c.basisChannels) = (pick([1, 5, 16, 18]), pick([1, 4, 8]))
    (c.blocks, c.degrees, c.radials) = (pick([1, 2, 3]), pick([1, 3, 7]), pick([1, 4, 6]))
    (c.cutoff, c.envelopeExponent) = (pick([4, 4.5, 5.3]), pick([1, 5, 6]))
    (c.layersBefore, c.layersAfter) = (pick([0, 1, 2]), pick([0, 1, 2]))
    (c.outputLayers, c.angles) = (pick([0, 1, 3]), pick(DimeNetConfiguration.Angles.allCases))
    c.maximumNeighbors = pick([50, 20, 12])
    return .dimeNet(c)
  }

  private func plan(_ a: NetworkModel.Architecture) -> (cutoff: Double, most: Int) {
    switch a {
    case .schNet(let c): (c.cutoff, c.maximumNeighbors)
    case .dimeNet(let c): (c.cutoff, c.maximumNeighbors)
    case .forceNet(let c): (c.cutoff, c.maximumNeighbors)
    case .gns(let c): (c.cutoff, c.maximumNeighbors)
    }
  }

  private static func structures(seed: UInt64) -> [Structure] {
    let known = NetworkSamples.elements([1, 6, 8, 13, 29, 46, 78, 94])
    var random = SeededGenerator(seed: seed)
    return RandomSystem.assorted(10, seed: seed).map { system in
      // Atoms nearer than chemistry allows are no test of digits: sines over distances explode there.
      Structure(
        elements: system.positions.map { _ in known[Int(random.next() % UInt64(known.count))] },
        positions: system.positions, cell: system.cell,
        moveMask: MoveMask(free: system.positions.map { _ in random.uniform() < 0.6 }))
    } + [NetworkSamples.slab(seed: seed)]
  }

  private func isSparse(_ structure: Structure) -> Bool {
    guard let graph = try? NeighborGraph(structure, cutoff: 1, maximumNeighbors: nil) else {
      return false
    }
    return graph.distance.allSatisfy { $0 > 0.6 }
  }

  @Test("Energies, forces and stresses are the reference's, on every kernel set", arguments: 0..<40)
  func random(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(7000 + seed))
    let architecture = Self.configuration(&random)
    let (cutoff, most) = plan(architecture)
    let model = ProceduralModel.model(architecture, seed: UInt64(seed))
    let structures = Self.structures(seed: random.next()).filter {
      $0.count < 30 && NetworkSamples.isClearCut($0, cutoff: cutoff, most: most) && isSparse($0)
    }
    #expect(!structures.isEmpty)
    for structure in structures.suffix(3) {
      let exact = Reference.evaluate(model, structure)
      let strain = Reference.strainSlopes(model, structure)
      let tolerance = Reference.singlePrecisionError(model, structure, exact)
      try onEveryKernelSet { kernels in
        let provider = try NetworkProvider.of(model, kernels: kernels)
        let found = try provider.evaluate(structure, wanting: [.energy, .forces, .stress])
        #expect(
          found.forces.largestDifference(exact.forces) <= tolerance.force,
          "\(architecture), \(kernels)")
        #expect(
          abs(try #require(found.energy) - (exact.energy ?? .nan)) <= tolerance.energy,
          "\(architecture), \(kernels)")
        #expect((found.stress != nil) == structure.cell.hasVolume)
        guard let stress = found.stress else { return }
        let symmetric = (0..<3).map { i in (0..<3).map { 0.5 * (strain[i][$0] + strain[$0][i]) } }
        let expected = [
          symmetric[0][0], symmetric[1][1], symmetric[2][2], symmetric[1][2], symmetric[0][2],
          symmetric[0][1],
        ]
        // Edges are some Å long, and there are many of them.
        let room = tolerance.force * cutoff * Double(structure.count)
        for (a, b) in zip(stress.voigt, expected) {
          #expect(abs(a * structure.cell.volume - b) <= room, "\(architecture), \(kernels)")
        }
      }
    }
  }

  @Test(
    "The reference's forces are the slope of its energy, where angles count or there are none",
    arguments: [SmallNetwork.schNet, .meanSchNet, .fullDimeNet])
  func referenceGradient(_ network: SmallNetwork) throws {
    let model = network.model
    for structure in Self.structures(seed: 3).filter({ $0.count < 20 && isSparse($0) }) {
      let forces = Reference.evaluate(model, structure).forces
      let strain = Reference.strainSlopes(model, structure)
      func energy(_ change: (inout Structure) -> Void) -> Double {
        var moved = structure
        change(&moved)
        return Reference.evaluate(model, moved).energy ?? .nan
      }
      let step = 1e-5
      let scale = max(1, forces.longest)
      for atom in structure.positions.indices.prefix(3) {
        for axis in 0..<3 {
          let slope =
            (energy { $0.positions[atom][axis] += step }
              - energy { $0.positions[atom][axis] -= step }) / (2 * step)
          #expect(abs(slope + forces[atom][axis]) <= 1e-6 * scale)
        }
      }
      for (i, j) in [(0, 0), (1, 2)] {
        func strained(_ size: Double) -> Double {
          energy { moved in
            func move(_ v: Vector3) -> Vector3 {
              var result = v
              result[i] += size * v[j]
              return result
            }
            moved.positions = moved.positions.map(move)
            let cell = moved.cell
            moved.cell = Cell(
              move(cell.a), move(cell.b), move(cell.c), periodicity: cell.periodicity)
          }
        }
        let slope = (strained(step) - strained(-step)) / (2 * step)
        #expect(abs(slope - strain[i][j]) <= 1e-5 * scale * Double(structure.count))
      }
    }
  }

  @Test("Released forces of DimeNet++ are not the slope of its energy, and say so")
  func released() throws {
    let structure = NetworkSamples.slab(seed: 2)
    let released = try NetworkProvider.of(SmallNetwork.dimeNet.model)
    let full = try NetworkProvider.of(SmallNetwork.dimeNet.model, angles: .full)
    #expect(!released.isConservative && full.isConservative)
    let (a, b) = (try released.evaluate(structure), try full.evaluate(structure))
    #expect(a.energy == b.energy)
    #expect(a.forces.largestDifference(b.forces) > 1e-3)
    #expect(try NetworkProvider.of(SmallNetwork.schNet.model).isConservative)
    var scaled = SmallNetwork.schNet.model
    scaled.normalization.forceScale = 2
    #expect(try !NetworkProvider.of(scaled).isConservative)
    scaled.energyIsTrained = false
    let without = try NetworkProvider.of(scaled).evaluate(structure)
    #expect(without.energy == nil && without.forces.longest > 0)
  }

  @Test("Two cells side by side have twice the energy", arguments: SmallNetwork.ofEnergies)
  func supercell(_ network: SmallNetwork) throws {
    let structure = NetworkSamples.slab(seed: 6)
    let cell = structure.cell
    let twice = Structure(
      elements: structure.elements + structure.elements,
      positions: structure.positions + structure.positions.map { $0 + cell.a },
      cell: Cell(2 * cell.a, cell.b, cell.c, periodicity: cell.periodicity))
    let provider = try NetworkProvider.of(network.model)
    let (one, two) = (try provider.evaluate(structure), try provider.evaluate(twice))
    let (e, f) = (try #require(one.energy), try #require(two.energy))
    let factor = network == .meanSchNet ? 1.0 : 2.0
    #expect(abs(f - factor * e) <= 1e-5 * max(1, abs(f)))
    let share = network == .meanSchNet ? 0.5 : 1.0
    let expected = (one.forces + one.forces).map { share * $0 }
    #expect(two.forces.largestDifference(expected) <= 2e-5 * max(1, one.forces.longest))
  }

  @Test("Forces turn along with a structure, about any axis", arguments: SmallNetwork.ofEnergies)
  func rotation(_ network: SmallNetwork) throws {
    let structure = NetworkSamples.slab(seed: 7)
    // A quarter about (1, 2, 2)/3.
    let (c, s) = (0.6, 0.8)
    let axis = Vector3(1, 2, 2) / 3
    func turn(_ v: Vector3) -> Vector3 {
      let cross = Vector3(
        axis.y * v.z - axis.z * v.y, axis.z * v.x - axis.x * v.z, axis.x * v.y - axis.y * v.x)
      return c * v + s * cross + (1 - c) * (axis * v).sum() * axis
    }
    let cell = structure.cell
    let turned = Structure(
      elements: structure.elements, positions: structure.positions.map(turn),
      cell: Cell(turn(cell.a), turn(cell.b), turn(cell.c), periodicity: cell.periodicity))
    let provider = try NetworkProvider.of(network.model)
    let (before, after) = (try provider.evaluate(structure), try provider.evaluate(turned))
    let scale = max(1, before.forces.longest)
    #expect(after.forces.largestDifference(before.forces.map(turn)) <= 5e-5 * scale)
    #expect(abs((after.energy ?? .nan) - (before.energy ?? .nan)) <= 2e-5 * scale)
  }

  @Test("No force acts on a structure as a whole", arguments: SmallNetwork.ofEnergies)
  func momentum(_ network: SmallNetwork) throws {
    let found = try NetworkProvider.of(network.model).evaluate(NetworkSamples.slab(seed: 8))
    #expect(found.forces.reduce(.zero, +).length <= 1e-12 * max(1, found.forces.longest))
  }

  @Test("Who uses adsorption energies is told so")
  func energyReference() throws {
    var model = SmallNetwork.schNet.model
    #expect(try NetworkProvider.of(model).cautions.isEmpty)
    model.energyReference = .adsorption
    let caution = try #require(try NetworkProvider.of(model).cautions.first)
    #expect(caution.hasPrefix("energies of this model are adsorption energies: relative to"))
    let description = try ModelDescription(ModelDescription(model).json)
    #expect(description.energyReference == .adsorption)
    model.energyIsTrained = false
    #expect(try NetworkProvider.of(model).cautions.isEmpty)
  }

  @Test("Elements beyond the last row are refused by name")
  func elements() throws {
    for (network, last) in [(SmallNetwork.schNet, 99), (.dimeNet, 94)] {
      let provider = try NetworkProvider.of(network.model)
      #expect(provider.knownElements?.count == last)
      let structure = Structure(
        elements: NetworkSamples.elements([last, last + 1]), positions: [.zero, Vector3(2, 0, 0)])
      #expect(throws: ForceError.self) { try provider.makeEvaluator(for: structure) }
    }
  }
}

extension Reference {
  /// Σ (∂E/∂r) ⊗ r of a structure, eV, as a provider should give it.
  static func strainSlopes(_ model: NetworkModel, _ structure: Structure) -> [[Double]] {
    let layers = ReferenceLayers(model.tensors)
    let found = ReferenceEnergy.evaluate(
      model.architecture, graph(model.architecture, [structure]), tensors: layers.tensors)
    return found.strainSlopes.map { $0.map { $0 * model.normalization.forceScale } }
  }
}
