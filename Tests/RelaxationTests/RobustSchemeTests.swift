// SPDX-License-Identifier: MIT

import Forces
import Foundation
import RelaxNumerics
import StructureFiles
import Structures
import TestSupport
import Testing

@testable import Relaxation

@Suite("The robust scheme")
struct RobustSchemeTests {
  private func settings(
    _ scheme: Scheme, fmax: Double = 0.01, steps: Int = 300
  ) throws -> RelaxationSettings {
    RelaxationSettings(
      fmax: fmax, maximumSteps: steps, optimizer: try scheme.optimizer(),
      endsStalls: scheme.endsStalls)
  }

  @Test("on a convex energy it takes the steps of ASE's L-BFGS, to the last bit")
  func convex() throws {
    var generator = SeededGenerator(seed: 8)
    let structure = coppers(4)
    let centers = structure.positions.map {
      $0 + Vector3(generator.uniform(-1, 1), generator.uniform(-1, 1), generator.uniform(-1, 1))
    }
    // Stiffness from 0.05 to 500 eV/Å²: a condition number of 10⁴.
    let provider = Scripted { _, positions in
      (
        nil,
        positions.indices.map { i in
          -Vector3(0.05, 5, 500) * (positions[i] - centers[i])
        }
      )
    }
    var paths: [[[Vector3]]] = []
    for scheme in [Scheme.ase, .robust] {
      var path: [[Vector3]] = []
      let result = try Relaxation(settings(scheme)).run(
        structure, provider: provider, observe: { path.append($0.positions) })
      #expect(result.status == .converged)
      paths.append(path)
    }
    #expect(paths[0] == paths[1])
    #expect(paths[0].count > 10)
  }

  /// Along x the energy is cos x: downward curvature around 0, a minimum at π.
  private static let hilltop = Scripted { _, positions in
    (
      positions.reduce(0) { $0 + cos($1.x) },
      positions.map { Vector3(sin($0.x), 0, 0) }
    )
  }

  @Test("negative curvature is not remembered: steps keep going downhill")
  func hill() throws {
    var structure = coppers(1)
    structure.positions[0].x = 0.1
    var energies: [Double] = []
    let result = try Relaxation(settings(.robust, fmax: 1e-4)).run(
      structure, provider: Self.hilltop, observe: { energies.append($0.energy ?? .nan) })
    #expect(result.status == .converged)
    #expect(abs(result.positions[0].x - .pi) < 1e-3)
    #expect(zip(energies, energies.dropFirst()).allSatisfy { $0 > $1 })
    // ASE's rule climbs to the top of the hill, where forces vanish too.
    let ase = try Relaxation(settings(.ase, fmax: 1e-4)).run(structure, provider: Self.hilltop)
    #expect(abs(ase.positions[0].x) < 1e-3)
  }

  @Test("the reason says how many steps met negative curvature")
  func reason() throws {
    var structure = coppers(1)
    structure.positions[0].x = 0.1
    let result = try Relaxation(settings(.robust, fmax: 1e-4, steps: 5)).run(
      structure, provider: Self.hilltop)
    #expect(result.status == .stepLimit)
    #expect(result.reason.hasSuffix(" eV/Å after 5 steps; 4 of 4 steps met negative curvature"))
  }

  @Test("a constant force is followed, where ASE's rule ends with no finite step")
  func constantForce() {
    var optimizer = GuardedLBFGS()
    for _ in 0..<5 {
      let step = optimizer.displacement(positions: [.zero], forces: [Vector3(7, 0, 0)])
      #expect((step[0] - Vector3(0.1, 0, 0)).length < 1e-15)
    }
    #expect(optimizer.remark == "0 of 4 steps met negative curvature, 4 one too small to measure")
  }

  @Test("whatever forces come, every step goes downhill")
  func downhill() {
    var generator = SeededGenerator(seed: 21)
    func vector() -> Vector3 {
      Vector3(generator.uniform(-1, 1), generator.uniform(-1, 1), generator.uniform(-1, 1))
    }
    var optimizer = GuardedLBFGS()
    var (position, force) = (vector(), vector())
    for _ in 0..<300 {
      let step = optimizer.displacement(positions: [position], forces: [force])
      #expect(step[0].dot(force) > 0)
      let move = vector()
      position += move
      // Hardly any curvature along the move and much across it: rounding soon makes such an inverse
      // Hessian indefinite, though every pair is positive.
      let axis = vector()
      let across = Vector3(
        move.y * axis.z - move.z * axis.y, move.z * axis.x - move.x * axis.z,
        move.x * axis.y - move.y * axis.x)
      force -= 0.0015 * move + across
    }
    #expect(optimizer.remark?.contains("; L-BFGS began anew ") == true)
  }

  @Test("a field that turns a little does no harm")
  func mildWhirl() throws {
    let provider = Whirl(centers: [Vector3(0.3, 0, 0)], stiffness: 5, rotation: 0.5)
    for scheme in [Scheme.ase, .robust] {
      let result = try Relaxation(settings(scheme)).run(coppers(1), provider: provider)
      #expect(result.status == .converged)
      #expect((result.positions[0] - Vector3(0.3, 0, 0)).length < 0.01 / 5)
    }
  }

  @Test("a field with a limit cycle ends as a stall, and the reason tells how little was gained")
  func limitCycle() throws {
    let provider = Whirl(centers: [Vector3(0.3, 0, 0)], stiffness: 2, rotation: 3, radius: 0.4)
    let robust = try Relaxation(settings(.robust)).run(coppers(1), provider: provider)
    #expect(robust.status == .stalled)
    #expect(robust.steps < 120)
    #expect(robust.reason.contains("the last 50 steps went"))
    let ase = try Relaxation(settings(.ase)).run(coppers(1), provider: provider)
    #expect(ase.status == .stepLimit)
    #expect(ase.reason.contains("stall") || ase.reason.contains("; oscillating: "))
    #expect(robust.reason.contains(" steps met negative curvature"))
  }

  @Test("a whirl that no optimizer stands up to is at least named", arguments: [5.0, 15])
  func strongWhirl(rotation: Double) throws {
    let provider = Whirl(centers: [Vector3(0.3, 0, 0)], stiffness: 5, rotation: rotation)
    for scheme in Scheme.allCases {
      let result = try Relaxation(settings(scheme)).run(coppers(1), provider: provider)
      #expect(result.status == (scheme == .robust ? .stalled : .stepLimit) || rotation > 5)
      #expect(result.status != .converged)
      #expect(
        result.reason.contains("has not fallen for ") || result.reason.contains("oscillating: "))
    }
  }

  @Test("forces that turn round and round are an oscillation")
  func oscillation() throws {
    let provider = Scripted { number, positions in
      (nil, positions.map { _ in Vector3(number % 2 == 0 ? 1 : -1, 0, 0) })
    }
    let result = try Relaxation(settings(.robust)).run(coppers(1), provider: provider)
    #expect(result.status == .stalled)
    #expect(result.reason.hasPrefix("oscillating: "))
    #expect(result.steps >= 50 && result.steps < 70)
  }

  @Test("a long straight way without lower forces is no stall")
  func longWay() throws {
    // Over a barrier: the force grows for 15 Å before it falls.
    let provider = Scripted { _, positions in
      (nil, positions.map { Vector3($0.x < 15 ? 1 + 0.1 * $0.x : 4 * (15.6 - $0.x), 0, 0) })
    }
    let result = try Relaxation(
      RelaxationSettings(
        maximumSteps: 2000, optimizer: try Scheme.robust.optimizer(maxStep: 0.1), endsStalls: true)
    ).run(coppers(1), provider: provider)
    #expect(result.status == .converged)
    #expect(result.steps > 150)
    #expect(abs(result.positions[0].x - 15.6) < 0.01)
  }

  @Test(
    "slabs converge as with ASE's scheme, none is given up")
  func slabs() throws {
    let provider = try ProviderCatalog.analytic.provider("emt-morse")
    let initial = try ReferenceData.frames("emt_mini/is2rs_val_id.extxyz")
      .filter { $0.attribute("role")?.unquoted == "initial" }
    #expect(initial.count == 50)
    for structure in initial.prefix(12) {
      let ase = try Relaxation(settings(.ase)).run(structure, provider: provider)
      let robust = try Relaxation(settings(.robust)).run(structure, provider: provider)
      #expect(robust.status == ase.status, "\(robust.reason)")
    }
  }
}
