// SPDX-License-Identifier: MIT

import ExternalForces
import Forces
import Networks
import RelaxNumerics
import Structures
import Synchronization
import Testing

@testable import ReferenceNetworks

/// What every provider must do, whatever it computes.
///
/// A new one joins by one line in `all`.
struct Conforming: CustomStringConvertible, Sendable {
  var provider: any ForceProvider
  /// Error of a force that its arithmetic explains, as a share of the largest.
  var precision = 1e-9
  var description: String { provider.specification }

  static func analytic(_ specification: String) throws -> Conforming {
    Conforming(provider: try ProviderCatalog.analytic.provider(specification))
  }

  /// Its sharp cutoffs let energies jump a little where images cross them.
  static func dispersion(_ specification: String) throws -> Conforming {
    Conforming(
      provider: try ProviderCatalog.analytic.provider(specification), precision: 2e-6)
  }

  static func network(_ network: SmallNetwork, turns: Int? = nil) throws -> Conforming {
    Conforming(provider: try provider(network, turns: turns), precision: 2e-4)
  }

  private static func provider(_ network: SmallNetwork, turns: Int?) throws -> NetworkProvider {
    var options = NetworkProvider.Options()
    options.turns = turns
    return try NetworkProvider(network.model, specification: "\(network)", options: options)
  }

  /// A derivative by differences, and what it may be off by as a share of the largest.
  ///
  /// Where energies have the digits of single precision only, steps are larger, and two of them are
  /// combined.
  func slope(_ energy: (Double) throws -> Double) rethrows -> (value: Double, tolerance: Double) {
    func central(_ step: Double) throws -> Double {
      (try energy(step) - energy(-step)) / (2 * step)
    }
    guard precision > 1e-6 else { return (try central(1e-4), 2e-5) }
    return ((4 * (try central(0.004)) - (try central(0.008))) / 3, 3e-3)
  }

  static func all() throws -> [Conforming] {
    [
      try analytic("lj:sigma=1.2,epsilon=0.3,cutoff=5"),
      try analytic("lj:sigma=1.2,epsilon=0.3,cutoff=5,onset=3.5"),
      try analytic("emt"),
      try analytic("morse"),
      try analytic("emt-morse"),
      try analytic("emt+lj:sigma=1.2,epsilon=0.3,cutoff=5"),
      try dispersion("d3:xc=pbe"),
      try dispersion("d3:xc=rpbe,damping=zero,atm=on"),
      try dispersion("emt+d3:xc=rpbe"),
      try network(.plain),
      try network(.noFilter),
      try network(.linearEdges),
      try network(.gns),
      try network(.schNet),
      try network(.meanSchNet),
      try network(.dimeNet),
      try network(.shallowDimeNet),
      try network(.fullDimeNet),
      try network(.plain, turns: 3),
      Conforming(
        provider: SumOfProviders([
          EffectiveMediumTheory(), try provider(.plain, turns: nil),
        ]), precision: 2e-4),
    ] + installed
  }

  /// Providers that need what not every machine has: the KIM API and its models.
  static let installed = ["kim:model=LJ_ElliottAkerson_2015_Universal__MO_959249795837_003"]
    .compactMap { try? ProviderCatalog(ExternalProviders.kinds).provider($0) }
    .map { Conforming(provider: $0) }
}

@Suite("Every provider")
struct ProviderConformanceTests {
  private static let subjects = (try? Conforming.all()) ?? []

  @Test("the list of providers can be made")
  func list() throws {
    #expect(try Conforming.all().count == Self.subjects.count)
    // Whatever can be named is in it.
    let names = Set(Self.subjects.map { $0.provider.specification.prefix { $0 != ":" } })
    for kind in ProviderCatalog.analytic.names { #expect(names.contains(kind[...])) }
  }

  /// CO on two rattled layers of copper in a sheared cell; the lower layer and two components of C are
  /// held.
  private static func slab() throws -> Structure {
    func element(_ symbol: String) throws -> Element { try #require(Element(symbol: symbol)) }
    var random = SeededGenerator(seed: 12)
    var elements: [Element] = []
    var positions: [Vector3] = []
    for layer in 0..<2 {
      for i in 0..<2 {
        for j in 0..<2 {
          let s = Double(layer) / 2
          elements.append(try element("Cu"))
          positions.append(
            2.6 * Vector3(Double(i) + s, Double(j) + s, 0.7 * Double(layer))
              + 0.1 * Vector3(random.uniform(), random.uniform(), random.uniform()))
        }
      }
    }
    elements += [try element("C"), try element("O")]
    positions += [Vector3(1.4, 1.2, 3.7), Vector3(1.6, 1.3, 4.85)]
    let freedoms = (0..<10).map { $0 < 4 ? Freedom.fixed : $0 == 8 ? [.z] : .free }
    return Structure(
      elements: elements, positions: positions,
      cell: Cell(
        Vector3(5.2, 0.1, 0), Vector3(-0.2, 5.25, 0), Vector3(0.4, -0.3, 11),
        periodicity: Periodicity(true, true, false)),
      moveMask: MoveMask(components: freedoms))
  }

  private func evaluate(
    _ subject: Conforming, _ structure: Structure,
    _ wanting: Quantities = [.energy, .forces, .stress]
  ) throws -> Evaluation {
    try subject.provider.evaluate(structure, wanting: wanting)
  }

  private func expectAlike(
    _ a: Evaluation, _ b: Evaluation, _ subject: Conforming,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let scale = max(1, a.forces.map(\.length).max() ?? 0) * subject.precision
    for (f, g) in zip(a.forces, b.forces) {
      #expect((f - g).length <= scale, "\(subject)", sourceLocation: sourceLocation)
    }
    #expect((a.energy == nil) == (b.energy == nil), sourceLocation: sourceLocation)
    #expect(
      abs((a.energy ?? 0) - (b.energy ?? 0)) <= 10 * scale, "\(subject)",
      sourceLocation: sourceLocation)
    for (s, t) in zip(a.stress?.voigt ?? [], b.stress?.voigt ?? []) {
      #expect(abs(s - t) <= scale, "\(subject)", sourceLocation: sourceLocation)
    }
  }

  @Test("has what it says that it has, and nothing more", arguments: subjects)
  func quantities(_ subject: Conforming) throws {
    let found = try evaluate(subject, try Self.slab())
    let quantities = subject.provider.quantities
    #expect(quantities.contains(.forces))
    #expect((found.energy != nil) == quantities.contains(.energy))
    #expect((found.stress != nil) == quantities.contains(.stress))
    #expect(found.coverage == .all && found.defect == nil)
    #expect(found.forces.contains { $0.length > 1e-3 })
  }

  @Test("refuses elements that it does not know, by name", arguments: subjects)
  func unknownElements(_ subject: Conforming) throws {
    guard let known = subject.provider.knownElements else { return }
    let unknown = (1...118).compactMap(Element.init(atomicNumber:)).filter { !known.contains($0) }
    var structure = try Self.slab()
    structure.elements[9] = try #require(unknown.last)
    let error = #expect(throws: ForceError.self) {
      try subject.provider.makeEvaluator(for: structure)
    }
    #expect(error?.persistence == .forGood)
    #expect(error?.description.contains(try #require(unknown.last).symbol) == true)
  }

  @Test("does not care how atoms are numbered", arguments: subjects)
  func order(_ subject: Conforming) throws {
    let structure = try Self.slab()
    let found = try evaluate(subject, structure)
    let order = [3, 9, 0, 7, 5, 8, 1, 2, 6, 4]
    var shuffled = structure
    shuffled.elements = order.map { structure.elements[$0] }
    shuffled.positions = order.map { structure.positions[$0] }
    shuffled.moveMask = MoveMask(components: order.map { structure.freedoms[$0] })
    var other = try evaluate(subject, shuffled)
    var sorted = other.forces
    for (k, atom) in order.enumerated() { sorted[atom] = other.forces[k] }
    other.forces = sorted
    expectAlike(found, other, subject)
  }

  @Test("does not care where the origin is, nor which image an atom is", arguments: subjects)
  func translation(_ subject: Conforming) throws {
    let structure = try Self.slab()
    var moved = structure
    for atom in moved.positions.indices {
      moved.positions[atom] += Vector3(0.7, -3, 2)
      moved.positions[atom] += structure.cell.translation(
        CellOffset(Int32(atom % 3) - 1, Int32(atom % 5) - 2, 0))
    }
    expectAlike(try evaluate(subject, structure), try evaluate(subject, moved), subject)
  }

  @Test(
    "says the same again to the last bit, and nearly so after other geometries", arguments: subjects
  )
  func repeatability(_ subject: Conforming) throws {
    let structure = try Self.slab()
    let fresh = try evaluate(subject, structure)
    #expect(try evaluate(subject, structure) == fresh)
    var evaluator = try subject.provider.makeEvaluator(for: structure)
    let all: Quantities = [.energy, .forces, .stress]
    #expect(try evaluator.evaluate(Geometry(structure), wanting: all) == fresh)
    #expect(try evaluator.evaluate(Geometry(structure), wanting: all) == fresh)
    // Other positions, another cell, and back.
    var random = SeededGenerator(seed: 5)
    for size in [0.01, 0.4, 3] {
      var geometry = Geometry(structure)
      for atom in geometry.positions.indices {
        geometry.positions[atom].x += size * random.uniform(-1, 1)
      }
      _ = try evaluator.evaluate(geometry, wanting: .forcesOnFreeAtoms)
      geometry.cell = Cell(
        1.01 * geometry.cell.a, geometry.cell.b, geometry.cell.c,
        periodicity: geometry.cell.periodicity)
      let used = try evaluator.evaluate(geometry, wanting: all)
      var strained = structure
      (strained.positions, strained.cell) = (geometry.positions, geometry.cell)
      expectAlike(used, try evaluate(subject, strained), subject)
    }
    expectAlike(try evaluator.evaluate(Geometry(structure), wanting: all), fresh, subject)
  }

  @Test("goes on to the last bit from where another left off", arguments: subjects)
  func following(_ subject: Conforming) throws {
    let structure = try Self.slab()
    var random = SeededGenerator(seed: 11)
    var walk = [Geometry(structure)]
    for _ in 0..<12 {
      var geometry = walk[walk.count - 1]
      for atom in structure.freeAtoms {
        geometry.positions[atom] += Vector3(
          random.uniform(-0.2, 0.2), random.uniform(-0.2, 0.2), random.uniform(-0.2, 0.2))
      }
      walk.append(geometry)
    }
    var evaluator = try subject.provider.makeEvaluator(for: structure)
    let whole = try walk.map { try evaluator.evaluate($0, wanting: [.energy, .forcesOnFreeAtoms]) }
    for cut in walk.indices.dropFirst() {
      var other = try subject.provider.makeEvaluator(for: structure)
      for geometry in walk[..<cut] { try other.follow(geometry) }
      for place in walk.indices[cut...] {
        let found = try other.evaluate(walk[place], wanting: [.energy, .forcesOnFreeAtoms])
        #expect(found == whole[place], "step \(place) after \(cut)")
      }
    }
  }

  @Test("gives each quantity alike whatever else is wanted, to the last bit", arguments: subjects)
  func subsets(_ subject: Conforming) throws {
    let structure = try Self.slab()
    let free = structure.freeAtoms
    let whole = try evaluate(subject, structure)
    let single: [Quantities] = [.energy, .forcesOnFreeAtoms, .forces, .stress]
    for mask in 0..<16 {
      let wanting = single.indices.reduce(into: Quantities()) { wanting, k in
        if mask >> k & 1 == 1 { wanting.formUnion(single[k]) }
      }
      var evaluator = try subject.provider.makeEvaluator(for: structure)
      for _ in 0..<2 {
        let found = try evaluator.evaluate(Geometry(structure), wanting: wanting)
        if wanting.contains(.energy) || found.energy != nil {
          #expect(found.energy == whole.energy)
        }
        if wanting.contains(.stress) { #expect(found.stress == whole.stress) }
        if wanting.contains(.forces) { #expect(found.coverage == .all) }
        if wanting.contains(.forcesOnFreeAtoms) {
          for atom in free { #expect(found.forces[atom] == whole.forces[atom]) }
        }
        if found.coverage == .all && wanting.contains(.forcesOnFreeAtoms) {
          #expect(found.forces == whole.forces)
        }
      }
    }
  }

  @Test("gives the slope of its energy, if it says so", arguments: subjects)
  func gradient(_ subject: Conforming) throws {
    guard subject.provider.isConservative else { return }
    let structure = try Self.slab()
    let found = try evaluate(subject, structure)
    let scale = max(1, found.forces.map(\.length).max() ?? 0)
    var evaluator = try subject.provider.makeEvaluator(for: structure)
    for atom in structure.positions.indices {
      for axis in 0..<3 {
        let slope = try subject.slope { shift in
          var geometry = Geometry(structure)
          geometry.positions[atom][axis] += shift
          return try #require(try evaluator.evaluate(geometry, wanting: .energy).energy)
        }
        #expect(
          abs(slope.value + found.forces[atom][axis]) < slope.tolerance * scale,
          "\(subject), atom \(atom)")
      }
    }
  }

  @Test("gives the stress that straining changes its energy by, if it has one", arguments: subjects)
  func stress(_ subject: Conforming) throws {
    let structure = try Self.slab()
    guard let stress = try evaluate(subject, structure).stress, subject.provider.isConservative
    else { return }
    let scale = max(1e-2, stress.voigt.map(abs).max() ?? 0)
    var evaluator = try subject.provider.makeEvaluator(for: structure)
    for (k, (i, j)) in [(0, 0), (1, 1), (2, 2), (1, 2), (0, 2), (0, 1)].enumerated() {
      // Strains of atoms that are some Å away.
      let slope = try subject.slope { shift in
        func strained(_ v: Vector3) -> Vector3 {
          var result = v
          result[i] += 0.05 * shift * v[j]
          result[j] += 0.05 * shift * v[i]
          return result
        }
        let cell = structure.cell
        let geometry = Geometry(
          positions: structure.positions.map(strained),
          cell: Cell(
            strained(cell.a), strained(cell.b), strained(cell.c), periodicity: cell.periodicity))
        return try #require(try evaluator.evaluate(geometry, wanting: .energy).energy)
      }
      let found = slope.value / (0.1 * structure.cell.volume)
      #expect(
        abs(found - stress.voigt[k]) < slope.tolerance * scale, "\(subject), component \(k)")
    }
  }

  @Test("serves several threads at once as it serves one", arguments: subjects)
  func threads(_ subject: Conforming) throws {
    let structure = try Self.slab()
    let alone = try evaluate(subject, structure)
    let alike = Atomic(0)
    inParallel(4) { _ in
      for _ in 0..<3
      where (try? subject.provider.evaluate(structure, wanting: [.energy, .forces, .stress]))
        == alone
      {
        alike.wrappingAdd(1, ordering: .relaxed)
      }
    }
    #expect(alike.load(ordering: .relaxed) == 12)
  }

  @Test("stops when it is asked to, and goes on afterwards", arguments: subjects)
  func cancellation(_ subject: Conforming) throws {
    let structure = try Self.slab()
    let expected = try evaluate(subject, structure)
    var evaluator = try subject.provider.makeEvaluator(for: structure)
    for patience in 0..<40 {
      let asked = Atomic(0)
      let cancellation = Cancellation {
        asked.wrappingAdd(1, ordering: .relaxed).newValue > patience
      }
      do throws(ForceError) {
        let found = try evaluator.evaluate(
          Geometry(structure), wanting: [.energy, .forces, .stress], cancellation: cancellation)
        #expect(patience > 0 && found == expected)
      } catch {
        #expect(error == .cancelled)
      }
      #expect(
        try evaluator.evaluate(Geometry(structure), wanting: .forcesOnFreeAtoms).forces[9]
          == expected.forces[9])
    }
    evaluator.close()
  }

  /// Geometries that nature does not have.
  private static func absurd() throws -> [Structure] {
    let slab = try slab()
    var structures = [Structure(elements: [], positions: [], cell: slab.cell)]
    func add(_ change: (inout Structure) -> Void) {
      var structure = slab
      change(&structure)
      structures.append(structure)
    }
    for x in [1e3, 9.9e6, 1e7, 1e19, 1e38, 1e39, 1e155, 1e300, .infinity, .nan, -1e300] {
      add { $0.positions[9].x = x }
      add { $0.positions = $0.positions.map { _ in Vector3(repeating: x) } }
      for periodicity in [Periodicity.all, .none, Periodicity(true, true, false)] {
        add { $0.cell = Cell([x, 0, 0], [0, x, 0], [0, 0, x], periodicity: periodicity) }
        add { $0.cell = Cell([x, 0, 0], [0, 5, 0], [0, 0, 9], periodicity: periodicity) }
        add { $0.cell = Cell([5, 0, 0], [x, 5, 0], [0, 0, 9], periodicity: periodicity) }
      }
    }
    for x in [0, 1e-300, 1e-160, 1e-9, 0.05, 0.11, 0.3] {
      add { $0.positions[9] = $0.positions[8] + Vector3(x, 0, 0) }
      for periodicity in [Periodicity.all, .none] {
        add { $0.cell = Cell([x, 0, 0], [0, 5, 0], [0, 0, 9], periodicity: periodicity) }
        guard x < 0.2 else { continue }
        add { $0.cell = Cell([x, 0, 0], [0, x, 0], [0, 0, x], periodicity: periodicity) }
      }
    }
    add { $0.cell = Cell([5, 0, 0], [10, 0, 0], [0, 0, 9]) }
    add { $0.cell = .none }
    let copper = slab.elements[0]
    structures.append(
      Structure(
        elements: [copper], positions: [.zero], cell: Cell([1e3, 0, 0], [0, 1e3, 0], [0, 0, 1e3])))
    structures.append(Structure(elements: [copper], positions: [.zero]))
    // More atoms in one place than a list can hold.
    structures.append(
      Structure(
        elements: Array(repeating: copper, count: 20_000),
        positions: Array(repeating: Vector3(1, 2, 3), count: 20_000)))
    return structures
  }

  @Test("answers or refuses, whatever the geometry", arguments: subjects)
  func absurdGeometries(_ subject: Conforming) throws {
    for (number, structure) in try Self.absurd().enumerated() {
      do throws(ForceError) {
        let found = try subject.provider.evaluate(structure, wanting: [.energy, .forces, .stress])
        #expect(found.forces.count == structure.count)
        let isSound = PositionBounds.contain(structure.positions) && structure.cell.defect == nil
        #expect(isSound, "\(subject): answers geometry \(number)")
      } catch {
        #expect(error.persistence == .forGood, "\(subject): \(error)")
      }
    }
  }
}
