// SPDX-License-Identifier: MIT

import Files
import Forces
import RelaxNumerics
import StructureFiles
import Structures
import Synchronization
import TestSupport
import Testing

@testable import Relaxation

@Suite("Providers that leave out fixed atoms")
struct FreeAtomsTests {
  /// Five atoms in a row: two fixed, one free along x only, two free.
  private let structure = coppers(
    5, mask: MoveMask(components: [.fixed, .free, .fixed, [.x], .free]))
  private let springs = Springs(
    centers: (0..<5).map { Vector3(3 * Double($0) + 0.3, 0.2, -0.1) })
  private let settings = RelaxationSettings(fmax: 1e-6, maximumSteps: 100)

  private func run(
    _ provider: any ForceProvider, _ settings: RelaxationSettings? = nil,
    cancellation: Cancellation = .never
  ) throws -> (result: RelaxationResult, path: [Relaxation.Step]) {
    var path: [Relaxation.Step] = []
    let result = try Relaxation(settings ?? self.settings).run(
      structure, provider: provider, cancellation: cancellation
    ) { path.append($0) }
    return (result, path)
  }

  @Test("the way is the same to the last bit, and forces on all atoms are computed at the end")
  func sameWay() throws {
    let whole = try run(springs)
    let free = try run(FreeOnly(base: springs, leftover: Vector3(repeating: .nan)))
    #expect(whole.result.status == .converged)
    #expect(free.result.status == .converged)
    #expect(free.result.reason == whole.result.reason)
    #expect(free.path.map(\.positions) == whole.path.map(\.positions))
    #expect(free.result.positions == whole.result.positions)
    #expect(free.result.forces == whole.result.forces)
    #expect(free.result.energy == whole.result.energy)
    #expect(free.result.coverage == .all)
    #expect(free.result.evaluations == whole.result.evaluations + 1)
    for (part, all) in zip(free.path, whole.path) {
      #expect(part.coverage == .free && all.coverage == .all)
      #expect(part.energy == nil)
      for atom in [1, 3, 4] { #expect(part.forces[atom] == all.forces[atom]) }
      for atom in [0, 2] { #expect(part.forces[atom] == .zero) }
    }
  }

  @Test("at the step limit all forces are asked for at once, also where there are no steps")
  func stepLimit() throws {
    let provider = FreeOnly(base: springs)
    for limit in [0, 2] {
      let (result, path) = try run(
        provider, RelaxationSettings(fmax: 1e-6, maximumSteps: limit))
      #expect(result.status == .stepLimit)
      #expect(result.evaluations == limit + 1)
      #expect(path.map(\.coverage) == Array(repeating: .free, count: limit) + [.all])
      #expect(path.last?.forces == result.forces)
      #expect(result.energy != nil)
    }
  }

  @Test("nothing is left out where no atom is fixed, or none is free")
  func allOrNone() throws {
    for free in [true, false] {
      let structure = coppers(2, mask: MoveMask(free: [free, free]))
      var coverages: Set<ForceCoverage> = []
      let result = try Relaxation(settings).run(
        structure, provider: FreeOnly(base: springs), observe: { coverages.insert($0.coverage) })
      #expect(result.status == .converged)
      #expect(coverages == [.all])
      #expect(result.evaluations == result.steps + 1)
    }
  }

  @Test("an interrupted structure has forces on all atoms too")
  func interrupted() throws {
    let asked = Atomic(0)
    let (result, path) = try run(
      FreeOnly(base: springs),
      cancellation: Cancellation { asked.wrappingAdd(1, ordering: .relaxed).newValue > 2 })
    #expect(result.status == .interrupted)
    #expect(result.steps == 2 && result.evaluations == 4)
    #expect(result.coverage == .all)
    #expect(abs((result.forces?[0].x ?? 0) - 0.9) < 1e-12)
    #expect(path.last?.positions == result.positions)
  }

  @Test("forces that are not finite count on free atoms while they move, on fixed ones at the end")
  func notFinite() throws {
    let onFixed = try run(FreeOnly(base: springs, spoil: { $1[2].y = .nan }))
    #expect(onFixed.result.status == .diverged)
    #expect(onFixed.result.reason.hasPrefix("the force on the fixed atom 3 is not finite after"))
    #expect(onFixed.result.steps > 1)

    let energy = try run(FreeOnly(base: springs, spoil: { energy, _ in energy = .infinity }))
    #expect(energy.result.status == .diverged)
    #expect(energy.result.reason.hasPrefix("the energy is inf after"))

    let onFree = Scripted { number, positions in
      (1, positions.map { _ in Vector3(number == 2 ? .infinity : 1 / Double(number + 1), 0, 0) })
    }
    let free = try run(FreeOnly(base: onFree))
    #expect(free.result.status == .diverged)
    #expect(free.result.reason == "a force is not finite after 2 steps")
    // With shortcuts or without, the same thing ends it.
    let fixed = Scripted { _, positions in
      (1, positions.indices.map { Vector3($0 == 0 ? .nan : 1e-9, 0, 0) })
    }
    let without = try run(fixed)
    #expect(without.result.status == .diverged)
    #expect(without.result.reason == "the force on the fixed atom 1 is not finite after 0 steps")
    #expect(try run(FreeOnly(base: fixed)).result.reason == without.result.reason)
  }

  @Test("a provider that fails leaves what it gave before, and says which atoms that is for")
  func failing() throws {
    let lost = ForceError.failed("socket closed")
    let atTheEnd = try run(
      FreeOnly(base: springs, onComplete: { _ throws(ForceError) in throw lost }))
    #expect(atTheEnd.result.status == .failed)
    #expect(atTheEnd.result.reason == "socket closed")
    #expect(atTheEnd.result.evaluations == atTheEnd.result.steps + 1)
    #expect(atTheEnd.result.coverage == .free)
    #expect(atTheEnd.result.forces == atTheEnd.path.last?.forces)
    let frame = atTheEnd.result.frame(of: structure)
    #expect(frame.attribute("forces_on")?.text == "free")

    let hasFailed = Atomic(false)
    let onTheWay = Scripted { number, positions throws(ForceError) in
      if number == 2 && !hasFailed.exchange(true, ordering: .relaxed) { throw lost }
      return (0, positions.map { _ in Vector3(1 / Double(number + 1), 0, 0) })
    }
    let recovered = try run(FreeOnly(base: onTheWay))
    #expect(recovered.result.status == .failed)
    #expect(recovered.result.steps == 1 && recovered.result.evaluations == 3)
    #expect(recovered.result.coverage == .all)
    #expect(recovered.result.positions == recovered.path.last?.positions)
  }

  @Test("trajectory frames say that forces are on free atoms; relaxed frames have all of them")
  func files() throws {
    let scratch = try Scratch()
    let mask = "move_mask:L:1"
    try scratch.write(
      "2\nsid=a forces_on=free Properties=species:S:1:pos:R:3:\(mask)\nCu 0 0 0 F\nCu 3 0 0 T\n",
      to: "in.xyz")
    let provider = FreeOnly(base: Springs(centers: [Vector3(0.5, 0, 0), Vector3(3.3, 0, 0)]))
    let engine = Engine(inputs: [scratch.path("in.xyz")], provider: provider, settings: settings)
    let paths = RunPaths(relaxed: scratch.path("out.xyz"), trajectory: scratch.path("traj.xyz"))
    _ = try engine.run(to: paths)
    let reader = try StructureReader(path: scratch.path("traj.xyz"))
    var last: Structure?
    while let frame = try reader.next() {
      let structure = try frame.content.get()
      #expect(structure.attribute("forces_on")?.text == "free")
      #expect(structure.forces?[0] == .zero)
      #expect(structure.energy == nil)
      last = structure
    }
    let relaxed = try #require(
      try StructureReader(path: scratch.path("out.xyz")).next()?.content.get())
    #expect(relaxed.attribute("forces_on") == nil)
    #expect(relaxed.positions == last?.positions)
    #expect(relaxed.forces?[0] == Vector3(1.5, 0, 0))
    #expect(relaxed.forces?[1] == last?.forces?[1])
    #expect(relaxed.energy != nil)
  }

  @Test("stopped inside structures and resumed, it ends with the same files")
  func resume() throws {
    let scratch = try Scratch()
    var text: [UInt8] = []
    for k in 0..<12 {
      var structure = coppers(3 + k % 4)
      structure.moveMask = MoveMask(free: structure.positions.indices.map { $0 > 0 })
      structure.positions[1].y += 0.1 + 0.05 * Double(k)
      structure.attributes = [Attribute(name: "sid", text: "s\(k)")]
      ExtxyzFormatter.append(structure, to: &text)
    }
    try scratch.write(String(decoding: text, as: UTF8.self), to: "in.xyz")
    let provider = FreeOnly(base: try LennardJones(sigma: 2.338, epsilon: 0.4093, cutoff: 6))
    var engine = Engine(
      inputs: [scratch.path("in.xyz")], provider: provider,
      settings: RelaxationSettings(fmax: 1e-3, maximumSteps: 80))
    func paths(_ name: String) -> RunPaths {
      RunPaths(relaxed: scratch.path(name + ".xyz"), trajectory: scratch.path(name + ".path.xyz"))
    }
    _ = try engine.run(to: paths("straight"))
    engine.threads = 2
    var rounds = 0
    while true {
      rounds += 1
      // Every round asks a little longer, so that it stops at other steps of other structures.
      let asked = Atomic(0)
      let patience = 40 + 23 * rounds
      let outcome = try engine.run(
        to: paths("broken"), start: rounds == 1 ? .new : .resuming,
        shouldStop: {
          asked.wrappingAdd(1, ordering: .relaxed).newValue > patience
        })
      if !outcome.wasInterrupted { break }
      try #require(rounds < 100)
    }
    #expect(rounds > 2)
    for suffix in [".xyz", ".path.xyz"] {
      #expect(try scratch.data("broken" + suffix) == scratch.data("straight" + suffix))
    }
    #expect(try scratch.text("broken.path.xyz").contains("forces_on=free"))
    #expect(try !scratch.text("broken.xyz").contains("forces_on"))
  }

  @Test("a provider with the same name and other bytes does not resume a run")
  func otherWeights() throws {
    let scratch = try Scratch()
    try scratch.write("1\nsid=a\nCu 0 0 0\n", to: "in.xyz")
    var provider = FreeOnly(base: springs, identity: "net:model=m, 3 bytes, checksum ab")
    var engine = Engine(inputs: [scratch.path("in.xyz")], provider: provider, settings: settings)
    let paths = RunPaths(relaxed: scratch.path("out.xyz"))
    _ = try engine.run(to: paths)
    #expect(try engine.run(to: paths, start: .resuming).resumed == 1)
    provider.identity = "net:model=m, 3 bytes, checksum cd"
    engine.provider = provider
    #expect(
      throws: DifferentSetting(
        what: "run", name: "provider", began: "net:model=m, 3 bytes, checksum ab",
        now: "net:model=m, 3 bytes, checksum cd")
    ) { try engine.run(to: paths, start: .resuming) }
  }
}
