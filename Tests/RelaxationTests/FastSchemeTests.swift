// SPDX-License-Identifier: MIT

import Forces
import Foundation
import RelaxNumerics
import StructureFiles
import Structures
import TestSupport
import Testing

@testable import Relaxation

@Suite("The fast scheme")
struct FastSchemeTests {
  private static func initial(_ count: Int) throws -> [Structure] {
    try Array(
      ReferenceData.frames("emt_mini/is2rs_val_id.extxyz")
        .filter { $0.attribute("role")?.unquoted == "initial" }.prefix(count))
  }

  private static func settings(fmax: Double = 0.01, steps: Int = 300) throws -> RelaxationSettings {
    RelaxationSettings(
      fmax: fmax, maximumSteps: steps, optimizer: try Scheme.fast.optimizer(), endsStalls: true)
  }

  /// A molecule without a cell, of which one atom moves along z only and one not at all.
  private static func molecule() throws -> Structure {
    let elements = try ["C", "O", "Pt"].map { try #require(Element(symbol: $0)) }
    return Structure(
      elements: elements, positions: [.zero, Vector3(0.3, 0.2, 1.1), Vector3(0, 0.4, -1.9)],
      moveMask: MoveMask(components: [.z, .free, .fixed]))
  }

  /// The matrix of the springs by its formula, pair by pair and image by image.
  private static func matrix(of structure: Structure) -> [Double] {
    let freedoms = structure.freedoms
    let movable = freedoms.indices.filter { freedoms[$0] != .fixed }
    let n = 3 * movable.count
    var matrix = [Double](repeating: 0, count: n * n)
    let images = structure.cell.periodicity[0] ? Array(-2...2) : [0]
    for (a, i) in movable.enumerated() {
      for j in freedoms.indices where j != i {
        for x in images {
          for y in images {
            for z in images {
              let vector =
                structure.positions[j] - structure.positions[i] + Double(x)
                * structure.cell.vector(0)
                + Double(y) * structure.cell.vector(1) + Double(z) * structure.cell.vector(2)
              let (r, both) = (vector.length, [structure.elements[i], structure.elements[j]])
              let ratio = r / (both[0].covalentRadius + both[1].covalentRadius)
              guard ratio < 2.2 else { continue }
              let light = both.count { ["H", "C", "N", "O"].contains($0.symbol) }
              let k =
                [1.5, 2.5, 35][light] * min(exp(-(light == 2 ? 6 : 3) * (ratio - 1)), 4.5)
              for p in 0..<3 {
                for q in 0..<3 {
                  let element = k * (0.9 * vector[p] * vector[q] / (r * r) + (p == q ? 0.1 : 0))
                  matrix[(3 * a + p) * n + 3 * a + q] += element
                  if let b = movable.firstIndex(of: j) {
                    matrix[(3 * a + p) * n + 3 * b + q] -= element
                  }
                }
              }
            }
          }
        }
      }
    }
    let free = movable.flatMap { atom in
      [Freedom.x, .y, .z].map { freedoms[atom].contains($0) }
    }
    for p in 0..<n {
      matrix[p * n + p] += 0.25
      for q in 0..<n where !free[p] || !free[q] { matrix[p * n + q] = p == q ? 1 : 0 }
    }
    return matrix
  }

  @Test("the model is the sum of its springs, and its inverse is one")
  func model() throws {
    for structure in try Self.initial(3) + [Self.molecule()] {
      let freedom = DegreesOfFreedom(of: structure)
      let model = ModelHessian(of: structure, freedom, kernels: .portable)
      let n = 3 * freedom.count
      let mask = freedom.mask.flattened
      let matrix = Self.matrix(of: structure)
      var generator = SeededGenerator(seed: 3)
      let vector = mask.map { $0 * generator.uniform(-1, 1) }
      let product = model.product(vector, shift: 0.5)
      for row in 0..<n {
        var expected = 0.5 * vector[row]
        for column in 0..<n { expected += matrix[row * n + column] * vector[column] }
        #expect(abs(product[row] - expected) < 1e-11, "row \(row)")
      }
      let solution = model.solve(vector, shift: 0)
      let expected = try LinearAlgebra.solve(matrix, vector)
      for row in 0..<n { #expect(abs(solution[row] - expected[row]) < 1e-7, "row \(row)") }
      let values = try LinearAlgebra.symmetricEigen(matrix, count: n).values
      #expect(values.allSatisfy { $0 > 0.2499 })
    }
  }

  @Test("the first step is the shifted Newton step of the model; a long one has a larger shift")
  func firstStep() throws {
    let structure = try Self.molecule()
    let freedom = DegreesOfFreedom(of: structure)
    let n = 3 * freedom.count
    for size in [0.2, 40.0] {
      var generator = SeededGenerator(seed: 4)
      let forces = freedom.mask.map {
        $0 * size
          * Vector3(generator.uniform(-1, 1), generator.uniform(-1, 1), generator.uniform(-1, 1))
      }
      var optimizer = try Scheme.fast.optimizer().makeOptimizer(for: structure)
      let step = optimizer.displacement(
        positions: freedom.coordinates(of: Geometry(structure)), forces: forces)
      let matrix = Self.matrix(of: structure)
      func expected(_ shift: Double) throws -> [Vector3] {
        var shifted = matrix
        for k in 0..<n { shifted[k * n + k] += shift }
        return [Vector3](components: try LinearAlgebra.solve(shifted, forces.flattened))
      }
      var shift = 5 * forces.largestLength
      if try expected(shift).largestLength > 0.15 {
        // The smallest shift that keeps within the limit, halving between bounds.
        var bounds = (shift, shift + 1e4)
        for _ in 0..<60 {
          shift = (bounds.0 + bounds.1) / 2
          if try expected(shift).largestLength > 0.15 { bounds.0 = shift } else { bounds.1 = shift }
        }
      } else {
        #expect(size == 0.2)
      }
      for (found, wanted) in zip(step, try expected(shift)) {
        #expect((found - wanted).length < 0.03 * wanted.length + 1e-7)
      }
    }
  }

  @Test("slabs converge with less than half of the evaluations, and not higher in energy")
  func slabs() throws {
    let provider = try ProviderCatalog.analytic.provider("emt-morse")
    let structures = try Self.initial(16)
    for (fmax, most) in [(0.01, 1 / 2.2), (0.05, 1 / 2.0)] {
      var (ase, fast) = (0, 0)
      var differences: [Double] = []
      for structure in structures {
        let plain = try Relaxation(RelaxationSettings(fmax: fmax, maximumSteps: 300)).run(
          structure, provider: provider)
        let quick = try Relaxation(Self.settings(fmax: fmax)).run(structure, provider: provider)
        #expect(quick.status == .converged, "\(quick.reason)")
        ase += plain.evaluations
        fast += quick.evaluations
        differences.append(try #require(quick.energy) - (try #require(plain.energy)))
      }
      #expect(Double(fast) < most * Double(ase), "\(fast) of \(ase) to \(fmax) eV/Å")
      #expect(differences.sorted()[differences.count / 2] < 0.002)
    }
  }

  @Test("on a hill it goes down, and says that it met negative curvature")
  func hill() throws {
    let provider = Scripted { _, positions in
      (positions.reduce(0) { $0 + cos($1.x) }, positions.map { Vector3(sin($0.x), 0, 0) })
    }
    var structure = coppers(1)
    structure.positions[0].x = 0.1
    var energies: [Double] = []
    let result = try Relaxation(Self.settings(fmax: 1e-4)).run(
      structure, provider: provider, observe: { energies.append($0.energy ?? .nan) })
    #expect(result.status == .converged, "\(result.reason)")
    #expect(abs(result.positions[0].x - .pi) < 1e-3)
    #expect(zip(energies, energies.dropFirst()).allSatisfy { $0 > $1 })
    let short = try Relaxation(Self.settings(fmax: 1e-4, steps: 5)).run(
      structure, provider: provider)
    #expect(short.status == .stepLimit)
    #expect(short.reason.hasSuffix("; 4 of 4 steps met negative or little curvature"))
  }

  @Test("whatever forces come, every step goes downhill")
  func downhill() throws {
    var generator = SeededGenerator(seed: 21)
    func vector() -> Vector3 {
      Vector3(generator.uniform(-1, 1), generator.uniform(-1, 1), generator.uniform(-1, 1))
    }
    var optimizer = try Scheme.fast.optimizer().makeOptimizer(for: coppers(2))
    var positions = [vector(), vector()]
    for _ in 0..<300 {
      let forces = [vector(), vector()]
      let step = optimizer.displacement(positions: positions, forces: forces)
      #expect(step[0].dot(forces[0]) + step[1].dot(forces[1]) > 0)
      for i in 0..<2 { positions[i] += vector() }
    }
  }

  @Test("atoms that are heaped upon one place are held as ASE holds them")
  func heap() throws {
    let copper = try #require(Element(symbol: "Cu"))
    let structure = Structure(
      elements: Array(repeating: copper, count: 3), positions: Array(repeating: .zero, count: 3))
    var optimizer = try Scheme.fast.optimizer().makeOptimizer(for: structure)
    let force = Vector3(0.1, 0, 0)
    let step = optimizer.displacement(
      positions: structure.positions, forces: Array(repeating: force, count: 3))
    #expect(step.areFinite && step[0].dot(force) > 0)
  }

  @Test("settings that it decides by itself are refused")
  func refusals() {
    #expect(throws: SettingsError.settingNotInScheme("damping", .fast)) {
      try Scheme.fast.optimizer(damping: 0.5)
    }
    #expect(throws: SettingsError.settingNotInScheme("curvature", .fast)) {
      try Scheme.fast.optimizer(curvature: 70)
    }
    #expect(throws: SettingsError.optimizerNotInScheme(.fire, .fast)) {
      try Scheme.fast.optimizer(.fire)
    }
  }
}
