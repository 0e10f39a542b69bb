// SPDX-License-Identifier: MIT

import Forces
import Numerics
import Structures

/// The relaxation of one structure: evaluate, test, move, until something ends it.
public struct Relaxation {
  /// One evaluated geometry on the way.
  public struct Step {
    /// Displacements made so far.
    public var number: Int
    /// Å.
    public var positions: [Vector3]
    /// eV, if the provider has one.
    public var energy: Double?
    /// Raw forces on all atoms in eV/Å.
    public var forces: [Vector3]
    /// Largest force norm over free atoms in eV/Å.
    public var fmax: Double
  }

  /// When it ends and how it gets there.
  public let settings: RelaxationSettings

  /// Relaxations under these settings.
  public init(_ settings: RelaxationSettings) { self.settings = settings }

  /// Relaxes `structure`.
  ///
  /// Nothing about the structure itself is an error here: whatever goes wrong ends it with a status
  /// and a reason.
  ///
  /// - Parameters:
  ///   - shouldStop: asked before every step; true ends with `interrupted`.
  ///   - observe: receives every evaluated geometry in order, the first and last included; what it
  ///     throws ends the relaxation and is rethrown.
  public func run(
    _ structure: Structure, provider: any ForceProvider, shouldStop: () -> Bool = { false },
    observe: (Step) throws -> Void = { _ in }
  ) throws -> RelaxationResult {
    if let defect = Preflight.defect(of: structure) {
      return .unevaluated(.invalid, structure, reason: defect)
    }
    var evaluator: any Evaluator
    do {
      evaluator = try provider.makeEvaluator(for: structure)
    } catch {
      return .unevaluated(.invalid, structure, reason: "\(error)")
    }

    let freedoms = structure.freedoms
    let mobile = structure.freeAtoms
    var optimizer = settings.optimizer.makeOptimizer()
    var verdict = ProgressVerdict()
    var result = RelaxationResult.unevaluated(.interrupted, structure, reason: "")
    var forces = [Vector3](repeating: .zero, count: structure.count)

    func end(_ status: RelaxationStatus, _ reason: String) -> RelaxationResult {
      result.status = status
      result.reason = reason
      return result
    }

    while true {
      if shouldStop() {
        return end(.interrupted, "interrupted after \(count(result.steps, "step"))")
      }
      do {
        result.energy = try evaluator.evaluate(result.positions, forces: &forces)
      } catch {
        return end(.failed, "\(error)")
      }
      result.evaluations += 1
      result.forces = forces
      let masked = mobile.map { freedoms[$0].masking(forces[$0]) }
      let fmax = masked.largestLength
      result.fmax = fmax
      try observe(
        Step(
          number: result.steps, positions: result.positions, energy: result.energy, forces: forces,
          fmax: fmax))

      if let energy = result.energy, !energy.isFinite {
        return end(.diverged, "the energy is \(energy) after \(count(result.steps, "step"))")
      }
      guard forces.areFinite else {
        return end(.diverged, "a force is not finite after \(count(result.steps, "step"))")
      }
      if mobile.isEmpty { return end(.converged, "no atom is free to move") }
      if fmax < settings.fmax {
        return end(.converged, "fmax \(short(fmax)) < \(settings.fmax) eV/Å")
      }
      verdict.add(fmax: fmax)
      if result.steps == settings.maximumSteps {
        let remark = verdict.remark.map { "; \($0)" } ?? ""
        return end(
          .stepLimit, "fmax \(short(fmax)) eV/Å after \(count(result.steps, "step"))\(remark)")
      }

      let step = optimizer.displacement(
        positions: mobile.map { result.positions[$0] }, forces: masked)
      guard step.areFinite else {
        return end(.diverged, "step \(result.steps + 1) of the optimizer is not finite")
      }
      verdict.add(step: step)
      for (k, atom) in mobile.enumerated() {
        result.positions[atom] += freedoms[atom].masking(step[k])
      }
      result.steps += 1
      if let runaway = mobile.first(where: {
        (result.positions[$0] - structure.positions[$0]).length
          > RelaxationSettings.absurdDisplacement
      }) {
        return try endAfterRunaway(atom: runaway)
      }
    }

    /// The geometry that proves the explosion is evaluated and recorded like any other, so that
    /// the relaxed structure and the last frame agree.
    func endAfterRunaway(atom: Int) throws -> RelaxationResult {
      let distance = (result.positions[atom] - structure.positions[atom]).length
      let reason =
        "atom \(atom + 1) moved \(short(distance)) Å from where it started in "
        + count(result.steps, "step")
      do {
        result.energy = try evaluator.evaluate(result.positions, forces: &forces)
      } catch {
        return end(.failed, "\(error)")
      }
      result.evaluations += 1
      result.forces = forces
      let fmax = mobile.map { freedoms[$0].masking(forces[$0]) }.largestLength
      result.fmax = fmax
      try observe(
        Step(
          number: result.steps, positions: result.positions, energy: result.energy, forces: forces,
          fmax: fmax))
      return end(.diverged, reason)
    }
  }
}

/// "1 step", "2 steps".
func count(_ number: Int, _ noun: String) -> String { "\(number) \(noun)\(number == 1 ? "" : "s")" }

/// A number for a sentence: four significant digits.
func short(_ value: Double) -> String {
  guard value.isFinite, value != 0 else { return "\(value)" }
  var scale = 1.0
  var magnitude = abs(value)
  guard magnitude < 1e15, magnitude > 1e-12 else { return "\(value)" }
  while magnitude < 1000 {
    magnitude *= 10
    scale *= 10
  }
  return "\((value * scale).rounded() / scale)"
}
