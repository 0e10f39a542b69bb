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
  ///   - shouldStop: asked before every displacement; true ends with `interrupted`.
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
    // The result always is the last geometry that was evaluated; `positions` may be one ahead.
    var result = RelaxationResult.unevaluated(.interrupted, structure, reason: "")
    var positions = structure.positions
    var forces = [Vector3](repeating: .zero, count: structure.count)
    var explosion: String?

    func end(_ status: RelaxationStatus, _ reason: String) -> RelaxationResult {
      result.status = status
      result.reason = reason
      return result
    }

    for stepNumber in 0... {
      do {
        result.energy = try evaluator.evaluate(positions, forces: &forces)
      } catch {
        return end(.failed, "\(error)")
      }
      let masked = mobile.map { freedoms[$0].masking(forces[$0]) }
      let fmax = masked.largestLength
      result.positions = positions
      result.forces = forces
      result.fmax = fmax
      result.steps = stepNumber
      result.evaluations += 1
      try observe(
        Step(
          number: stepNumber, positions: positions, energy: result.energy, forces: forces,
          fmax: fmax))

      let after = "after \(count(stepNumber, "step"))"
      if let explosion { return end(.diverged, "\(explosion) \(after)") }
      if let energy = result.energy, !energy.isFinite {
        return end(.diverged, "the energy is \(energy) \(after)")
      }
      guard forces.areFinite else { return end(.diverged, "a force is not finite \(after)") }
      if mobile.isEmpty { return end(.converged, "no atom is free to move") }
      if fmax < settings.fmax {
        return end(.converged, "fmax \(short(fmax)) < \(settings.fmax) eV/Å")
      }
      verdict.add(fmax: fmax)
      if stepNumber == settings.maximumSteps {
        let remark = verdict.remark.map { "; \($0)" } ?? ""
        return end(.stepLimit, "fmax \(short(fmax)) eV/Å \(after)\(remark)")
      }
      if shouldStop() { return end(.interrupted, "interrupted \(after)") }

      let step = optimizer.displacement(positions: mobile.map { positions[$0] }, forces: masked)
      guard step.areFinite else {
        return end(.diverged, "step \(stepNumber + 1) of the optimizer is not finite")
      }
      verdict.add(step: step)
      for (k, atom) in mobile.enumerated() {
        positions[atom] += freedoms[atom].masking(step[k])
      }
      explosion = explosionDefect(from: structure.positions, to: positions, of: mobile)
    }
    preconditionFailure("the steps of a relaxation are limited")
  }

  /// Which atom is absurdly far from where it started, in words.
  ///
  /// That geometry is still evaluated and recorded, so that the relaxed structure and the last frame agree.
  private func explosionDefect(
    from start: [Vector3], to positions: [Vector3], of mobile: [Int]
  ) -> String? {
    for atom in mobile {
      let distance = (positions[atom] - start[atom]).length
      if distance > RelaxationSettings.absurdDisplacement {
        return "atom \(atom + 1) is \(short(distance)) Å from where it started"
      }
    }
    return nil
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
