// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// What predictions look like, and the forces at their positions.
extension RelaxationScorer {
  /// Predicted structures that are scored, with their ids, in the order of the references: positions
  /// as predicted, everything else from the reference, but entries that it lacks.
  public var scoredStructures: [(id: String, structure: Structure)] {
    precondition(keepsPredictions || settings.forces != .none, "predictions were not kept")
    return references.indices.compactMap { index in
      predicted(index).map { (ids[index], $0) }
    }
  }

  /// What is known of the geometries of one structure.
  public struct Geometries: Sendable {
    /// The reference, without forces.
    public var reference: Structure
    /// Where its atoms were at first, in Å.
    public var initial: [Vector3]?
    /// Where they are predicted to be, in Å.
    public var predicted: [Vector3]?
    /// Largest force of the reference calculation itself, in eV/Å.
    public var referenceForce: Double?
    /// Largest force that the predicted structure came with, in eV/Å.
    public var predictedForce: Double?
  }

  /// The reference of a structure, and where its atoms were at first and are predicted to be, as far as
  /// that is known; nil for an unknown id.
  public func geometries(of id: String) -> Geometries? {
    precondition(keepsPredictions || settings.forces != .none, "predictions were not kept")
    guard let index = indices[id] else { return nil }
    return Geometries(
      reference: references[index], initial: initial(index),
      predicted: predicted(index)?.positions, referenceForce: referenceForces[index],
      predictedForce: predictions[index]?.fmax)
  }

  /// Where the atoms of a structure were at first; nil if that is not known.
  func initial(_ index: Int) -> [Vector3]? {
    // One frame alone is the end of a relaxation: it may have kept the `fid=0` of what it was made from.
    initialsGiven || (predictions[index]?.frames.count ?? 0) > 1 ? initials[index] : nil
  }

  func predicted(_ index: Int) -> Structure? {
    guard case .scored = verdict(index), let prediction = predictions[index] else { return nil }
    var structure = references[index]
    structure.positions = prediction.positions
    structure.energy = nil
    // What the reference does not say about the calculation, the prediction may: a charge, for example.
    structure.attributes += prediction.entries.filter { structure.attribute($0.name) == nil }
    let names = Set(structure.columns.map(\.name))
    structure.columns += prediction.columns.filter { !names.contains($0.name) }
    return structure
  }

  /// The evaluations that AFbT needs, one a scored structure, to be done in any order or at once.
  public func forceTasks() -> [ForceTask] {
    guard settings.forces != .none else { return [] }
    return references.indices.compactMap { index in
      guard let structure = predicted(index) else { return nil }
      return ForceTask(
        index: index, id: ids[index], structure: structure,
        judged: settings.judged(references[index]), measure: settings.forceMeasure)
    }
  }

  /// Takes the outcome of a task.
  public mutating func record(_ outcome: ForceOutcome, of task: ForceTask) {
    enter(.forces)
    outcomes[task.index] = outcome
  }

  /// Evaluates all scored structures at their predicted positions.
  ///
  /// - Parameters:
  ///   - provider: stands in for the reference method. What it refuses counts as failure.
  ///   - threads: how many are evaluated at once; no number depends on it.
  public mutating func evaluateForces(with provider: any ForceProvider, threads: Int = 1) {
    let tasks = forceTasks()
    let outcomes = mapInOrder(count: tasks.count, threads: threads) {
      tasks[$0].outcome(from: provider)
    }
    for (task, outcome) in zip(tasks, outcomes) { record(outcome, of: task) }
  }
}
