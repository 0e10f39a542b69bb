// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures
import Synchronization
import TestSupport
import Testing

@testable import Relaxation

@Suite("One relaxation")
struct RelaxationTests {
  @Test(
    "springs end at their centers",
    arguments: [OptimizerName.lbfgs, .bfgs, .fire])
  func springs(optimizer: OptimizerName) throws {
    let structure = coppers(3)
    let centers = structure.positions.map { $0 + Vector3(0.3, -0.2, 0.1) }
    let settings = RelaxationSettings(
      fmax: 1e-6, maximumSteps: 1000, optimizer: try Scheme.ase.optimizer(optimizer))
    let result = try Relaxation(settings).run(structure, provider: Springs(centers: centers))
    #expect(result.status == .converged)
    #expect(result.evaluations == result.steps + 1)
    for (position, center) in zip(result.positions, centers) {
      #expect((position - center).length < 1e-6 / 3)
    }
    #expect((result.energy ?? 1) < 1e-12)
  }

  @Test("a run is convergent only strictly below fmax")
  func strictness() throws {
    let structure = coppers(1)
    let provider = Springs(centers: [Vector3(-0.01, 0, 0)], stiffness: 1)
    // The force is exactly 0.01 eV/Å.
    let at = try Relaxation(RelaxationSettings(fmax: 0.01, maximumSteps: 0)).run(
      structure, provider: provider)
    #expect(at.status == .stepLimit)
    #expect(at.steps == 0 && at.evaluations == 1)
    let above = try Relaxation(RelaxationSettings(fmax: 0.0100001, maximumSteps: 0)).run(
      structure, provider: provider)
    #expect(above.status == .converged)
  }

  @Test("fixed atoms and fixed components stay, bit for bit, and do not count for fmax")
  func masks() throws {
    let free: [Freedom] = [.fixed, [.x, .z], .free]
    let structure = coppers(3, mask: MoveMask(components: free))
    let centers = structure.positions.map { $0 + Vector3(0.4, 0.4, 0.4) }
    let result = try Relaxation(RelaxationSettings(fmax: 1e-8, maximumSteps: 500)).run(
      structure, provider: Springs(centers: centers))
    #expect(result.status == .converged)
    #expect(result.positions[0] == structure.positions[0])
    #expect(result.positions[1].y == structure.positions[1].y)
    #expect((result.positions[2] - centers[2]).length < 1e-8)
    // Raw forces on fixed atoms are reported.
    #expect(abs((result.forces?[0].x ?? 0) - 1.2) < 1e-12)
  }

  @Test("nothing free: converged without a step")
  func nothingFree() throws {
    let structure = coppers(2, mask: MoveMask(free: [false, false]))
    let result = try Relaxation(RelaxationSettings()).run(
      structure, provider: Springs(centers: [Vector3(9, 9, 9)]))
    #expect(result.status == .converged)
    #expect(result.reason == "no atom is free to move")
    #expect(result.steps == 0 && result.evaluations == 1)
  }

  @Test("NaN forces diverge, never converge, and the last finite positions remain")
  func notANumber() throws {
    let provider = Scripted { number, positions in
      let bad = number == 3
      return (1, positions.map { _ in Vector3(bad ? .nan : 1 / Double(number + 1), 0, 0) })
    }
    var last: [Vector3] = []
    let result = try Relaxation(RelaxationSettings()).run(
      coppers(2), provider: provider, observe: { last = $0.positions })
    #expect(result.status == .diverged)
    #expect(result.reason == "a force is not finite after 3 steps")
    #expect(result.steps == 3)
    #expect(result.positions.areFinite)
    #expect(result.positions == last)
  }

  @Test("a history without curvature gives no finite step, as in ASE, and that ends it")
  func flatForces() throws {
    let provider = Scripted { _, positions in (1, positions.map { _ in Vector3(1, 0, 0) }) }
    let result = try Relaxation(RelaxationSettings()).run(coppers(2), provider: provider)
    #expect(result.status == .diverged)
    #expect(result.reason == "step 2 of the optimizer is not finite")
    #expect(result.positions.areFinite)
  }

  @Test("an infinite energy diverges even where forces look fine")
  func infiniteEnergy() throws {
    let provider = Scripted { _, positions in (.infinity, positions.map { _ in .zero }) }
    let result = try Relaxation(RelaxationSettings()).run(coppers(1), provider: provider)
    #expect(result.status == .diverged)
  }

  @Test("a constant force carries an atom away until that is absurd")
  func runaway() throws {
    let provider = Scripted { _, positions in
      (nil, positions.map { $0.x > 2 ? Vector3(0, 0, 5) : .zero })
    }
    var last: [Vector3] = []
    let result = try Relaxation(
      RelaxationSettings(
        maximumSteps: 100_000, optimizer: try Scheme.ase.optimizer(.fire, maxStep: 2))
    ).run(coppers(2), provider: provider, observe: { last = $0.positions })
    #expect(result.status == .diverged)
    #expect(result.reason.hasPrefix("atom 2 is 10"))
    #expect(result.positions == last)
  }

  @Test("what the provider throws on the way is a failure of that structure")
  func providerFails() throws {
    let errors: [(ForceError, RelaxationStatus, String)] = [
      (.failed("no SCF convergence"), .failed, "no SCF convergence"),
      (.unavailable("socket closed"), .failed, "socket closed (another try may succeed)"),
      (.impossibleGeometry("flat cell"), .failed, "flat cell"),
      (.cancelled, .interrupted, "interrupted after 1 step"),
    ]
    for (error, status, reason) in errors {
      let provider = Scripted { number, positions throws(ForceError) in
        if number == 2 { throw error }
        return (0, positions.map { _ in Vector3(1 / Double(number + 1), 0, 0) })
      }
      var last: [Vector3] = []
      let result = try Relaxation(RelaxationSettings()).run(coppers(1), provider: provider) {
        last = $0.positions
      }
      #expect(result.status == status)
      #expect(result.reason == reason)
      // Reported is the last geometry that was evaluated, with its own forces.
      #expect(result.steps == 1 && result.evaluations == 2)
      #expect(result.positions == last)
      #expect(result.forces == [Vector3(0.5, 0, 0)])
    }
  }

  /// Makes no evaluator, for a reason.
  private struct Refusing: ForceProvider {
    var error: ForceError
    var specification: String { "refusing" }
    var knownElements: Set<Element>? { nil }
    func makeEvaluator(for structure: Structure) throws(ForceError) -> any Evaluator { throw error }
  }

  @Test("what a provider refuses for good is invalid, what it lacks for now a failure")
  func noEvaluator() throws {
    for (error, status) in [
      (ForceError.unknownElements([], provider: "p", known: []), RelaxationStatus.invalid),
      (.failed("no"), .invalid), (.unavailable("no licence"), .failed),
    ] {
      let result = try Relaxation(RelaxationSettings()).run(
        coppers(1), provider: Refusing(error: error))
      #expect(result.status == status && result.reason == error.description)
      #expect(result.evaluations == 0 && result.forces == nil)
    }
  }

  @Test("an evaluator is closed once, however the relaxation ends")
  func closing() throws {
    struct Full: Error {}
    for ending in 0..<3 {
      let closed = Atomic(0)
      let provider = Scripted(
        script: { number, positions throws(ForceError) in
          if ending == 1 { throw .unavailable("gone") }
          return (0, positions.map { _ in .zero })
        }, onClose: { closed.wrappingAdd(1, ordering: .relaxed) })
      do {
        _ = try Relaxation(RelaxationSettings()).run(coppers(1), provider: provider) { _ in
          if ending == 2 { throw Full() }
        }
        #expect(ending < 2)
      } catch is Full {
        #expect(ending == 2)
      }
      #expect(closed.load(ordering: .relaxed) == 1, "\(ending)")
    }
  }

  @Test("a matrix that would not fit ends its structure before anything is computed")
  func hugeHessian() throws {
    let structure = coppers(BFGS.mostVectors + 1)
    let provider = Scripted { _, positions in (0, positions.map { _ in Vector3(1, 0, 0) }) }
    let settings = RelaxationSettings(
      maximumSteps: 1, optimizer: try Scheme.ase.optimizer(.bfgs))
    let result = try Relaxation(settings).run(structure, provider: provider)
    #expect(result.status == .failed && result.evaluations == 0)
    #expect(result.reason.contains("2701 free atoms") && result.reason.contains("use lbfgs"))
    // What is fixed takes no room.
    var held = structure
    held.moveMask = MoveMask(free: structure.positions.indices.map { $0 < 3 })
    #expect(
      try Relaxation(settings).run(held, provider: provider).status == .stepLimit)
  }

  @Test("stress is asked for at the end, where there is one")
  func stress() throws {
    let cell = Cell(Vector3(2.6, 0, 0), Vector3(0, 2.6, 0), Vector3(0, 0, 2.6))
    var structure = coppers(1)
    structure.cell = cell
    let provider = try LennardJones(sigma: 2.338, epsilon: 0.4093, cutoff: 6)
    var path: [Relaxation.Step] = []
    let result = try Relaxation(RelaxationSettings()).run(structure, provider: provider) {
      path.append($0)
    }
    #expect(result.status == .converged && result.evaluations == 1)
    #expect(path.allSatisfy { $0.stress == nil })
    let expected = try provider.evaluate(structure, wanting: .stress).stress
    #expect(expected != nil && result.stress == expected)
    #expect(result.frame(of: structure).attribute("stress")?.text == expected?.stressAttribute.text)
    structure.cell = .none
    let cluster = try Relaxation(RelaxationSettings()).run(structure, provider: provider)
    #expect(cluster.stress == nil && cluster.frame(of: structure).attribute("stress") == nil)
  }

  @Test("a structure that makes no sense is never evaluated")
  func invalid() throws {
    let provider = Scripted { _, _ in
      Issue.record("evaluated")
      return (0, [])
    }
    func status(_ change: (inout Structure) -> Void) throws -> (RelaxationStatus, String) {
      var structure = coppers(3)
      change(&structure)
      let result = try Relaxation(RelaxationSettings()).run(structure, provider: provider)
      return (result.status, result.reason)
    }
    let overlap = try status { $0.positions[2] = Vector3(3.1, 0, 0) }
    #expect(overlap.0 == .invalid)
    #expect(overlap.1 == "atoms 2 (Cu) and 3 (Cu) overlap: they are 0.1 Å apart")
    let image = try status {
      $0.cell = Cell(Vector3(0.3, 0, 0), Vector3(0, 9, 0), Vector3(0, 0, 9))
    }
    #expect(image.0 == .invalid)
    #expect(image.1.contains("overlap: they are"))
    let flat = try status {
      $0.cell = Cell(Vector3(5, 0, 0), Vector3(5, 0, 0), Vector3(0, 0, 9))
    }
    #expect(flat.0 == .invalid)
    #expect(flat.1.contains("linearly dependent"))
    let infinite = try status { $0.positions[0].y = .infinity }
    #expect(infinite.1 == "the position of atom 1 is not finite")
    let far = try status { $0.positions[1].z = 1e300 }
    #expect(far.1 == "atom 2 is absurdly far away, with a coordinate of 1e+300 Å")
    let farther = try status { $0.positions[1] = Vector3(0, 0, 1e9) }
    #expect(farther.1 == "atom 2 is absurdly far away, with a coordinate of 1000000000.0 Å")
  }

  @Test("being stopped is a status of its own")
  func interrupted() throws {
    let asked = Atomic(0)
    var last: [Vector3] = []
    let result = try Relaxation(RelaxationSettings()).run(
      coppers(1), provider: Springs(centers: [Vector3(8, 0, 0)]),
      cancellation: Cancellation { asked.wrappingAdd(1, ordering: .relaxed).newValue > 4 }
    ) { last = $0.positions }
    #expect(result.status == .interrupted)
    #expect(result.steps == 4 && result.evaluations == 5)
    #expect(result.positions == last)
  }

  @Test("a step limit says when the last steps led nowhere")
  func stall() throws {
    let provider = Scripted { number, positions in
      (nil, positions.map { _ in Vector3(number % 2 == 0 ? 1 : -1, 0, 0) })
    }
    let result = try Relaxation(
      RelaxationSettings(maximumSteps: 100, optimizer: .fire(maxStep: 0.1))
    ).run(coppers(1), provider: provider)
    #expect(result.status == .stepLimit)
    #expect(result.reason.contains("stall") || result.reason.contains("oscillating"))
    let hopeful = try Relaxation(
      RelaxationSettings(maximumSteps: 40, optimizer: .fire(maxStep: 0.01))
    ).run(coppers(1), provider: Springs(centers: [Vector3(50, 0, 0)]))
    #expect(hopeful.status == .stepLimit)
    #expect(!hopeful.reason.contains(";"))
  }
}
