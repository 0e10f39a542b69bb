// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
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
    /// Raw forces in eV/Å.
    public var forces: [Vector3]
    /// The atoms that they are for; 0 stands for forces that the provider left out.
    public var coverage = ForceCoverage.all
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
    let evaluator: any Evaluator
    do {
      evaluator = try provider.makeEvaluator(for: structure)
    } catch {
      return .unevaluated(.invalid, structure, reason: "\(error)")
    }
    var geometry = EvaluatedGeometry(structure, evaluator)
    var course = Course()
    let (status, reason) = try follow(&geometry, &course, structure, shouldStop, observe)
    return finish(course, geometry, status, reason)
  }

  /// What is known of the way so far.
  private struct Course {
    /// Displacements made.
    var steps = 0
    /// Largest force norm over free atoms in eV/Å; nil before the first evaluation.
    var fmax: Double?
  }

  /// Evaluates, tests and moves, until something ends it.
  private func follow(
    _ geometry: inout EvaluatedGeometry, _ course: inout Course, _ structure: Structure,
    _ shouldStop: () -> Bool, _ observe: (Step) throws -> Void
  ) throws -> (RelaxationStatus, String) {
    let freedoms = structure.freedoms
    let mobile = structure.freeAtoms
    var optimizer = settings.optimizer.makeOptimizer(kernels: settings.kernels)
    var verdict = ProgressVerdict()
    var positions = structure.positions
    var explosion: String?

    for stepNumber in 0... {
      // After the last step there is nothing to leave out: all forces are wanted at the end.
      let isLast = stepNumber == settings.maximumSteps || mobile.isEmpty
      do {
        try geometry.move(to: positions, asksForAll: isLast)
      } catch {
        return (.failed, "\(error)")
      }
      let masked = mobile.map { freedoms[$0].masking(geometry.forces[$0]) }
      let fmax = masked.largestLength
      course.steps = stepNumber
      course.fmax = fmax
      try observe(
        Step(
          number: stepNumber, positions: positions, energy: geometry.energy,
          forces: geometry.forces, coverage: geometry.coverage, fmax: fmax))

      let after = "after \(count(stepNumber, "step"))"
      if let explosion { return (.diverged, "\(explosion) \(after)") }
      if let energy = geometry.energy, !energy.isFinite {
        return (.diverged, "the energy is \(energy) \(after)")
      }
      guard geometry.areFinite(mobile) else { return (.diverged, "a force is not finite \(after)") }
      if mobile.isEmpty { return (.converged, "no atom is free to move") }
      if fmax < settings.fmax {
        return (.converged, "fmax \(short(fmax)) < \(settings.fmax) eV/Å")
      }
      verdict.add(fmax: fmax)
      if settings.endsStalls, let standstill = verdict.standstill {
        let remarks = optimizer.remark.map { "; \($0)" } ?? ""
        return (.stalled, "\(standstill); fmax \(short(fmax)) eV/Å \(after)\(remarks)")
      }
      if isLast {
        let remarks = [verdict.remark, optimizer.remark].compactMap { $0 }.map { "; \($0)" }
        return (.stepLimit, "fmax \(short(fmax)) eV/Å \(after)\(remarks.joined())")
      }
      if shouldStop() { return (.interrupted, "interrupted \(after)") }

      let step = optimizer.displacement(positions: mobile.map { positions[$0] }, forces: masked)
      guard step.areFinite else {
        return (.diverged, "step \(stepNumber + 1) of the optimizer is not finite")
      }
      verdict.add(step: step)
      for (k, atom) in mobile.enumerated() {
        positions[atom] += freedoms[atom].masking(step[k])
      }
      explosion = explosionDefect(from: structure.positions, to: positions, of: mobile)
    }
    preconditionFailure("the steps of a relaxation are limited")
  }

  /// The result, with forces on all atoms: always the last geometry that was evaluated.
  private func finish(
    _ course: Course, _ geometry: EvaluatedGeometry, _ status: RelaxationStatus, _ reason: String
  ) -> RelaxationResult {
    var (geometry, status, reason) = (geometry, status, reason)
    let wasSound = [.converged, .stepLimit, .stalled].contains(status)
    do {
      try geometry.complete()
      let after = "after \(count(course.steps, "step"))"
      if wasSound, let energy = geometry.energy, !energy.isFinite {
        (status, reason) = (.diverged, "the energy is \(energy) \(after)")
      } else if wasSound, let atom = geometry.brokenFixedAtom {
        let atom = "the fixed atom \(atom + 1)"
        (status, reason) = (.diverged, "the force on \(atom) is not finite \(after)")
      }
    } catch {
      if wasSound { (status, reason) = (.failed, "\(error)") }
    }
    return RelaxationResult(
      status: status, reason: reason, steps: course.steps, evaluations: geometry.evaluations,
      energy: geometry.energy, fmax: course.fmax, positions: geometry.positions,
      forces: geometry.evaluations > 0 ? geometry.forces : nil, coverage: geometry.coverage)
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
