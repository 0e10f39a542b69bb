// SPDX-License-Identifier: MIT

import Forces
import Networks
import RelaxNumerics
import Structures
import TestSupport
import Testing

@testable import ReferenceNetworks

/// The product's networks, in single precision, against the reference in double precision.
@Suite("Networks against the reference") struct NetworkProviderTests {
  /// Compares with the reference on every kernel set.
  private func compare(
    _ model: NetworkModel, _ structures: [Structure], _ comment: Comment
  ) throws {
    let expected = structures.map { structure in
      let exact = Reference.evaluate(model, structure)
      return (exact, Reference.singlePrecisionError(model, structure, exact))
    }
    try onEveryKernelSet { kernels in
      let provider = try NetworkProvider.of(model, kernels: kernels)
      for (structure, (exact, tolerance)) in zip(structures, expected) {
        let found = try provider.evaluate(structure)
        #expect(found.forces.largestDifference(exact.forces) <= tolerance.force, comment)
        #expect((found.energy == nil) == (exact.energy == nil), comment)
        #expect(abs((found.energy ?? 0) - (exact.energy ?? 0)) <= tolerance.energy, comment)
      }
    }
  }

  @Test(
    "Small recorded cases",
    arguments: (ReleasedForward.all?.cases ?? []).filter { !$0.hasNoHarmonics })
  func recorded(_ case: ReleasedForward.Case) throws {
    let structure = try #require(try ReleasedForward.all?.structure(`case`.structure))
    try compare(try `case`.model, [structure], "")
  }

  @Test(
    "Recorded cases without any harmonic",
    arguments: (ReleasedForward.all?.cases ?? []).filter { $0.hasNoHarmonics })
  func empty(_ case: ReleasedForward.Case) throws {
    let structure = try #require(try ReleasedForward.all?.structure(`case`.structure))
    try compare(try `case`.model, [structure], "")
  }

  @Test("Networks at random on structures at random", arguments: 0..<100)
  func random(seed: Int) throws {
    var random = SeededGenerator(seed: UInt64(1000 + seed))
    let c = NetworkSamples.forceNet(&random)
    let structures = NetworkSamples.assorted(10, seed: random.next()).filter {
      NetworkSamples.isClearCut($0, cutoff: c.cutoff, most: c.maximumNeighbors)
    }
    #expect(structures.count >= 5)
    try compare(
      ProceduralModel.model(.forceNet(c), seed: UInt64(seed)), Array(structures.prefix(3)), "\(c)")
  }

  @Test("GNS in odd widths", arguments: [1, 7, 33, 65])
  func gns(width: Int) throws {
    var c = GNSConfiguration()
    (c.hiddenChannels, c.interactions) = (width, 2)
    let model = ProceduralModel.model(.gns(c), seed: UInt64(width))
    try compare(model, NetworkSamples.assorted(6, seed: 77) + [NetworkSamples.slab(seed: 3)], "")
  }

  @Test("Fewer neighbours than the released code takes")
  func neighbors() throws {
    var c = ForceNetConfiguration()
    (c.hiddenChannels, c.decoderChannels, c.interactions) = (12, 12, 2)
    for most in [1, 9, 30] {
      c.maximumNeighbors = most
      let structure = NetworkSamples.slab(seed: 4)
      try #require(NetworkSamples.isClearCut(structure, cutoff: c.cutoff, most: most))
      try compare(ProceduralModel.model(.forceNet(c), seed: 2), [structure], "\(most)")
    }
  }

  @Test("Atoms without neighbours, alone or far apart", arguments: SmallNetwork.all)
  func isolated(_ network: SmallNetwork) throws {
    let elements = NetworkSamples.elements([8, 29, 8])
    let alone = Structure(elements: [elements[0]], positions: [Vector3(1, 2, 3)])
    let apart = Structure(
      elements: elements, positions: [.zero, Vector3(0, 40, 0), Vector3(-25, 0, 60)])
    let ownImages = Structure(
      elements: [elements[1]], positions: [Vector3(0.1, 0.2, 0.3)],
      cell: Cell(Vector3(2.6, 0, 0.1), Vector3(0.3, 2.5, 0), Vector3(0.7, 0.2, 2.9)))
    try compare(network.model, [alone, apart, ownImages], "")
  }

  @Test("What was done to the targets of training is undone")
  func normalization() throws {
    let structure = NetworkSamples.slab(seed: 5)
    for network in SmallNetwork.all {
      var model = network.model
      let raw = try NetworkProvider.of(model).evaluate(structure)
      model.normalization.energyMean = -0.75
      model.normalization.energyScale = 2.9
      model.normalization.forceMean = 0.125
      model.normalization.forceScale = 2.5
      let scaled = try NetworkProvider.of(model).evaluate(structure)
      let expected = raw.forces.map { $0 * 2.5 + Vector3(repeating: 0.125) }
      #expect(scaled.forces.largestDifference(expected) <= 1e-12 * max(1, expected.longest))
      if let energy = raw.energy {
        let found = try #require(scaled.energy)
        #expect(abs(found - (energy * 2.9 - 0.75)) <= 1e-12 * max(1, abs(energy)))
      }
      try compare(model, [structure], "\(network)")
    }
  }

  @Test(
    "Elements that the tables do not know are refused by name", arguments: SmallNetwork.ofForces)
  func unknownElements(_ network: SmallNetwork) throws {
    let provider = try NetworkProvider.of(network.model)
    let known = try #require(provider.knownElements)
    let structure = Structure(
      elements: NetworkSamples.elements([85, 8, 104, 36, 36]),
      positions: (0..<5).map { Vector3(Double($0), 0, 0) })
    #expect(
      throws: ForceError.unknownElements(
        NetworkSamples.elements([36, 85, 104]), provider: "a network", known: known.sorted())
    ) { try provider.makeEvaluator(for: structure) }
    #expect(known.isSuperset(of: NetworkSamples.elements([1, 8, 29, 84, 99])))
  }

  @Test("A structure that takes more memory than there is fails, before any of it is taken")
  func memory() throws {
    let model = try #require(SmallNetwork.all.first).model
    var options = NetworkProvider.Options()
    options.turns = 360
    let provider = try NetworkProvider(model, specification: "a network", options: options)
    let structure = Structure(
      elements: Array(repeating: NetworkSamples.elements([29])[0], count: 1_000_000),
      positions: (0..<1_000_000).map { Vector3(3 * Double($0), 0, 0) })
    let error = #expect(throws: ForceError.self) { try provider.makeEvaluator(for: structure) }
    #expect(error?.description.contains(" GB for 1000000 atoms in 360 turns") == true)
  }

  @Test("Elements that were not trained on are refused by name, unless any are taken")
  func untrainedElements() throws {
    var model = try #require(SmallNetwork.all.first).model
    let trained = NetworkSamples.elements([1, 8, 29])
    model.trainedElements = Set(trained)
    func evaluate(_ numbers: [Int], _ options: NetworkProvider.Options = .init()) throws {
      let provider = try NetworkProvider(model, specification: "a network", options: options)
      let positions = numbers.indices.map { Vector3(2 * Double($0), 0, 0) }
      _ = try provider.makeEvaluator(
        for: Structure(elements: NetworkSamples.elements(numbers), positions: positions))
    }
    try evaluate([29, 8, 1])
    let error = ForceError.untrainedElements(
      NetworkSamples.elements([11, 30]), provider: "a network", trained: trained)
    #expect(throws: error) { try evaluate([30, 29, 11, 30]) }
    #expect(
      error.description == "a network was not trained on Na, Zn, only on H O Cu; to have its guess "
        + "all the same, add elements=any to the provider")
    var any = NetworkProvider.Options()
    any.takesUntrainedElements = true
    try evaluate([30, 29, 11], any)
    // Without features there is nothing to guess from.
    for options in [NetworkProvider.Options(), any] {
      #expect(throws: ForceError.self) { try evaluate([36, 29], options) }
    }
  }
}
