// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// Evaluates one structure with a model of its own.
struct OpenKIMEvaluator: Evaluator {
  private let name: String
  private let library: OpenKIMLibrary
  private let specification: String
  private let species: [Int32]
  private let hasEnergy: Bool
  /// The model, which knows of the particles; nil at first, and after a failure.
  private var model: OpenKIMModel?
  private var particles: OpenKIMParticles
  private var particleForces: [Double] = []

  /// An evaluator for atoms of these species, by the model called `name`.
  init(
    _ name: String, in library: OpenKIMLibrary, specification: String, species: [Int32],
    hasEnergy: Bool, particles: OpenKIMParticles
  ) {
    (self.name, self.library, self.specification) = (name, library, specification)
    (self.species, self.hasEnergy, self.particles) = (species, hasEnergy, particles)
  }

  mutating func evaluate(
    _ geometry: Geometry, wanting: Quantities, cancellation: Cancellation
  ) throws(ForceError) -> Evaluation {
    try geometry.requireSound()
    try cancellation.check()
    let isNew = try particles.update(for: geometry, of: specification)
    try cancellation.check()
    let wantsStress = wanting.contains(.stress) && geometry.cell.hasVolume
    guard !geometry.positions.isEmpty else {
      return Evaluation(
        energy: hasEnergy ? 0 : nil, forces: [], stress: wantsStress ? .zero : nil)
    }
    let coordinates = particles.coordinates
    let energy = try compute(coordinates, isNew: isNew)
    var evaluation = Evaluation(
      energy: hasEnergy ? energy : nil,
      forces: [Vector3](repeating: .zero, count: geometry.positions.count))
    for (particle, owner) in particles.owners.enumerated() {
      evaluation.forces[Int(owner)] += Self.vector(particleForces, particle)
    }
    if wantsStress {
      evaluation.stress = geometry.cell.stress(ofVirial: virial(coordinates))
    }
    return evaluation
  }

  mutating func follow(_ geometry: Geometry) throws(ForceError) {
    try geometry.requireSound()
    // Lists of a model that is there would be those of before.
    if try particles.update(for: geometry, of: specification) { model = nil }
  }

  mutating func forget() {
    particles.forget()
    model = nil
  }

  mutating func close() { model = nil }

  /// The energy (eV), and the forces on all particles.
  private mutating func compute(
    _ coordinates: [Double], isNew: Bool
  ) throws(ForceError) -> Double {
    do throws(OpenKIMLibrary.Refusal) {
      let known = model
      // Out of the evaluator until it has answered: one that failed is not asked again.
      model = nil
      let taken = if let known { known } else { try OpenKIMModel(name, in: library) }
      if isNew || known == nil {
        guard
          taken.adopt(
            species: particles.owners.map { species[Int($0)] }, atoms: particles.atomCount,
            neighbors: particles.neighbors)
        else { throw .init(reason: "no memory is left") }
        particleForces = [Double](repeating: 0, count: coordinates.count)
      }
      let energy = try taken.compute(coordinates, forces: &particleForces)
      model = taken
      return energy
    } catch {
      throw .failed(
        "the KIM model \(name) failed" + (error.reason.isEmpty ? "" : ": \(error.reason)"))
    }
  }

  /// Σ r ⊗ f over all particles, eV.
  ///
  /// Exact: a strain moves every particle of the cluster by itself, and the energy has no other periodicity
  /// than that of the cluster. Distances are from the first particle: forces add up to nothing, and the
  /// origin may be far away.
  private func virial(_ coordinates: [Double]) -> SymmetricTensor {
    var virial = SymmetricTensor.zero
    let origin = Self.vector(coordinates, 0)
    for particle in particles.owners.indices {
      virial += SymmetricTensor(
        product: Self.vector(coordinates, particle) - origin,
        Self.vector(particleForces, particle))
    }
    return virial
  }

  private static func vector(_ numbers: [Double], _ index: Int) -> Vector3 {
    Vector3(numbers[3 * index], numbers[3 * index + 1], numbers[3 * index + 2])
  }
}
