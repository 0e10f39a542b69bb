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
    /// One an atom, in Å, not wrapped into the cell.
    public var positions: [Vector3]
    /// eV, if the provider has one.
    public var energy: Double?
    /// eV, of the electrons at their temperature, if the provider has one beside the energy.
    public var freeEnergy: Double?
    /// Raw forces in eV/Å.
    public var forces: [Vector3]
    /// The atoms that they are for; 0 stands for forces that the provider left out.
    public var coverage = ForceCoverage.all
    /// eV/Å³, where the provider gave one unasked.
    public var stress: SymmetricTensor?
    /// Largest force norm over free atoms in eV/Å.
    public var fmax: Double
    /// Whether it was evaluated by an earlier process, which kept it.
    public var isRecalled = false
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
  ///   - provider: where forces come from.
  ///   - log: keeps what is evaluated, and knows what an earlier process has evaluated.
  ///   - cancellation: looked at before every displacement and during evaluations; a request ends with
  ///     `interrupted`.
  ///   - observe: receives every evaluated geometry in order, the first and last included; what it
  ///     throws ends the relaxation and is rethrown.
  public func run(
    _ structure: Structure, provider: any ForceProvider, log: EvaluationLog? = nil,
    cancellation: Cancellation = .never, observe: (Step) throws -> Void = { _ in }
  ) throws -> RelaxationResult {
    if let defect = Preflight.defect(of: structure) {
      return .unevaluated(.invalid, structure, reason: defect)
    }
    let freedom = DegreesOfFreedom(of: structure)
    if let defect = settings.optimizer.defect(for: freedom.count) {
      return .unevaluated(.failed, structure, reason: defect)
    }
    let evaluator: any Evaluator
    do throws(ForceError) {
      let own = try provider.makeEvaluator(for: structure)
      evaluator = log.map { LoggedEvaluator(own, $0) } ?? own
    } catch {
      let status: RelaxationStatus = error.persistence == .forGood ? .invalid : .failed
      return .unevaluated(status, structure, reason: error.description)
    }
    var geometry = EvaluatedGeometry(structure, evaluator, cancellation)
    defer { geometry.close() }
    var course = Course()
    let (status, reason) = try follow(&geometry, &course, freedom, cancellation) { step in
      var step = step
      step.isRecalled = log?.lastWasRecalled ?? false
      try log?.requireWritten()
      try observe(step)
    }
    let result = finish(
      course, &geometry, status, reason, wantsStress: provider.quantities.contains(.stress))
    try log?.requireWritten()
    return result
  }

  /// What is known of the way so far.
  private struct Course {
    /// Displacements of the atoms that were made so far.
    var steps = 0
    /// Largest force norm over free atoms in eV/Å; nil before the first evaluation.
    var fmax: Double?
  }

  /// Evaluates, tests and moves, until something ends it.
  private func follow(
    _ evaluated: inout EvaluatedGeometry, _ course: inout Course, _ freedom: DegreesOfFreedom,
    _ cancellation: Cancellation, _ observe: (Step) throws -> Void
  ) throws -> (RelaxationStatus, String) {
    var optimizer = settings.optimizer.makeOptimizer(kernels: settings.kernels)
    var verdict = ProgressVerdict()
    var geometry = evaluated.geometry
    let start = geometry.positions
    var explosion: String?

    for stepNumber in 0... {
      // After the last step there is nothing to leave out: all forces are wanted at the end.
      let isLast = stepNumber == settings.maximumSteps || freedom.isEmpty
      do throws(ForceError) {
        try evaluated.move(to: geometry, asksForAll: isLast)
      } catch {
        return ending(error, after: course.steps, explosion)
      }
      let evaluation = evaluated.evaluation
      let forces = freedom.forces(of: evaluation)
      let fmax = forces.largestLength
      course.steps = stepNumber
      course.fmax = fmax
      try observe(
        Step(
          number: stepNumber, positions: geometry.positions, energy: evaluation.energy,
          freeEnergy: evaluation.freeEnergy, forces: evaluation.forces,
          coverage: evaluation.coverage, stress: evaluation.stress,
          fmax: fmax))

      let after = "after \(count(stepNumber, "step"))"
      if let explosion { return (.diverged, "\(explosion) \(after)") }
      if let energy = evaluation.energy, !energy.isFinite {
        return (.diverged, "the energy is \(energy) \(after)")
      }
      guard freedom.areForcesFinite(in: evaluation) else {
        return (.diverged, "a force is not finite \(after)")
      }
      if freedom.isEmpty { return (.converged, "no atom is free to move") }
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
      if cancellation.isRequested { return (.interrupted, "interrupted \(after)") }

      let step = optimizer.displacement(
        positions: freedom.coordinates(of: geometry), forces: forces)
      guard step.areFinite else {
        return (.diverged, "step \(stepNumber + 1) of the optimizer is not finite")
      }
      verdict.add(step: step)
      freedom.move(&geometry, by: step)
      explosion = explosionDefect(from: start, to: geometry.positions, of: freedom.atoms)
    }
    preconditionFailure("the steps of a relaxation are limited")
  }

  /// What an evaluation that failed means for the structure.
  private func ending(
    _ error: ForceError, after steps: Int, _ explosion: String?
  ) -> (RelaxationStatus, String) {
    switch error {
    case .cancelled: (.interrupted, "interrupted after \(count(steps, "step"))")
    case .impossibleGeometry, .tooManyPairs:
      // Atoms far outside leave no sensible question to ask.
      if let explosion {
        (.diverged, "\(explosion) after \(count(steps + 1, "step"))")
      } else {
        (.failed, error.description)
      }
    default: (.failed, error.description)
    }
  }

  /// The result, with forces on all atoms: always the last geometry that was evaluated.
  private func finish(
    _ course: Course, _ evaluated: inout EvaluatedGeometry, _ status: RelaxationStatus,
    _ reason: String, wantsStress: Bool
  ) -> RelaxationResult {
    var (status, reason) = (status, reason)
    let wasSound = [.converged, .stepLimit, .stalled].contains(status)
    do throws(ForceError) {
      try evaluated.complete(wantsStress: wantsStress && wasSound)
      let after = "after \(count(course.steps, "step"))"
      if wasSound, let energy = evaluated.evaluation.energy, !energy.isFinite {
        (status, reason) = (.diverged, "the energy is \(energy) \(after)")
      } else if wasSound, let atom = evaluated.brokenFixedAtom {
        let atom = "the fixed atom \(atom + 1)"
        (status, reason) = (.diverged, "the force on \(atom) is not finite \(after)")
      }
    } catch {
      if wasSound { (status, reason) = ending(error, after: course.steps, nil) }
    }
    let evaluation = evaluated.evaluation
    return RelaxationResult(
      status: status, reason: reason, steps: course.steps, evaluations: evaluated.evaluations,
      energy: evaluation.energy, freeEnergy: evaluation.freeEnergy, fmax: course.fmax,
      positions: evaluated.geometry.positions,
      forces: evaluated.evaluations > 0 ? evaluation.forces : nil, coverage: evaluation.coverage,
      stress: evaluation.stress.flatMap { $0.isFinite ? $0 : nil })
  }

  /// Which atom is absurdly far from where it started, in words.
  ///
  /// That geometry is still evaluated and recorded, so that the relaxed structure and the last frame agree.
  private func explosionDefect(
    from start: [Vector3], to positions: [Vector3], of atoms: [Int]
  ) -> String? {
    for atom in atoms {
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
