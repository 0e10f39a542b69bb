// SPDX-License-Identifier: MIT

import Forces
import Numerics
import Structures

/// Matches predicted structures with references by id and scores them, reading each file once.
///
/// References come first, then predictions, then the reference method's forces (labels, or a
/// provider), then `finish()`. Of the references only what is compared is kept, of a predicted
/// trajectory its distances and, if forces are asked for, its last positions.
///
/// ```swift
/// var scorer = RelaxationScorer()
/// for structure in references { try scorer.add(reference: structure) }
/// for structure in predictions { try scorer.add(prediction: structure) }
/// print(try scorer.finish().adwt)
/// ```
public struct RelaxationScorer: Sendable {
  /// What the score depends on.
  public let settings: ScoringSettings

  private struct Prediction: Sendable {
    var frames: [StepCurves.Frame] = []
    var latest: Int?
    var status: PredictionStatus?
    var positions: [Vector3] = []
    var unreadable: String?
  }

  private enum Stage: Int, Comparable {
    case references, predictions, forces
    static func < (a: Stage, b: Stage) -> Bool { a.rawValue < b.rawValue }
  }

  private var ids: [String] = []
  private var indices: [String: Int] = [:]
  private var references: [Structure] = []
  private var predictions: [Prediction?] = []
  private var outcomes: [ForceOutcome?] = []
  private var labelled: Set<String> = []
  private var unusedLabels: [String] = []
  private var extra: [String] = []
  private var extraSeen: Set<String> = []
  private var framesRead: [ScoringRole: Int] = [:]
  private var stage = Stage.references

  /// Nothing read yet.
  public init(_ settings: ScoringSettings = ScoringSettings()) { self.settings = settings }

  // MARK: - Input

  /// Adds a reference.
  ///
  /// - Parameters:
  ///   - reference: positions, cell, periodicity and free atoms to judge by.
  ///   - id: what to call it instead of its `identifier`.
  /// - Throws: `ScoringError` if it has no id or a repeated one, no free atom, or positions or a
  ///   cell that nothing can be compared with.
  public mutating func add(reference: Structure, id: String? = nil) throws {
    enter(.references)
    let id = try identifier(of: reference, given: id, role: .reference)
    guard indices[id] == nil else { throw ScoringError.repeated(.reference, id: id) }
    if let defect = reference.cell.defect {
      throw ScoringError.unusableReference(id: id, reason: defect)
    }
    if let atom = reference.positions.firstIndex(where: { !$0.isFinite }) {
      throw ScoringError.unusableReference(
        id: id, reason: "the position of atom \(atom + 1) is not finite")
    }
    guard reference.freedoms.contains(where: { $0 != .fixed }) else {
      throw ScoringError.unusableReference(id: id, reason: "it has no free atom")
    }
    indices[id] = ids.count
    ids.append(id)
    references.append(
      Structure(
        elements: reference.elements, positions: reference.positions, cell: reference.cell,
        moveMask: reference.moveMask, tags: reference.tags))
    predictions.append(nil)
    outcomes.append(nil)
  }

  /// Adds a predicted structure, or one frame of a predicted trajectory: frames with the same id
  /// and different `fid`, of which the largest is the prediction.
  ///
  /// - Parameters:
  ///   - prediction: positions in the order of the reference's atoms; its `relax_status`, if any,
  ///     says whether it is a failure.
  ///   - id: what to call it instead of its `identifier`.
  /// - Throws: `ScoringError` if it has no id or a repeated one, or differs from its reference in
  ///   composition, free atoms or cell.
  /// - Complexity: O(atoms).
  public mutating func add(prediction: Structure, id: String? = nil) throws {
    enter(.predictions)
    let id = try identifier(of: prediction, given: id, role: .prediction)
    guard let index = indices[id] else {
      if extraSeen.insert(id).inserted { extra.append(id) }
      return
    }
    let reference = references[index]
    try requireSameAtoms(prediction, reference, id: id, role: .prediction)
    if prediction.moveMask != nil,
      let atom = zip(prediction.freedoms, reference.freedoms).enumerated()
        .first(where: { $0.element.0 != $0.element.1 })?.offset
    {
      throw ScoringError.differentMask(id: id, atom: atom + 1)
    }
    var status: PredictionStatus?
    if let text = prediction.attribute("relax_status")?.unquoted {
      status = PredictionStatus(rawValue: text)
      guard status != nil else { throw ScoringError.unknownStatus(id: id, status: text) }
    }
    let step = prediction.attribute("fid").flatMap { Int($0.unquoted) }
    if let first = predictions[index]?.frames.first, first.step == nil || step == nil {
      throw ScoringError.repeatedPrediction(id: id)
    }
    let distance = try DistanceWithinThreshold.meanDistance(
      of: prediction.positions, to: reference, convention: settings.convention)
    // Taken out while it grows, so that the frames of a long trajectory are not copied.
    var known = predictions[index] ?? Prediction()
    predictions[index] = nil
    known.frames.append(StepCurves.Frame(step: step, distance: distance))
    if known.frames.count == 1 || (step ?? 0) > (known.latest ?? 0) {
      known.latest = step
      known.status = status
      if settings.forces != .none { known.positions = prediction.positions }
    }
    predictions[index] = known
  }

  /// Notes that the prediction of a structure, or a frame of it, could not be read, which makes it
  /// a failure.
  ///
  /// - Parameter reason: what is wrong with it, in words.
  public mutating func addUnreadable(prediction id: String, reason: String) {
    enter(.predictions)
    if let index = indices[id] {
      var known = predictions[index] ?? Prediction()
      known.unreadable = reason
      predictions[index] = known
    } else if extraSeen.insert(id).inserted {
      extra.append(id)
    }
  }

  /// Adds the reference method's forces at the predicted positions of a structure.
  ///
  /// - Parameters:
  ///   - label: forces, and the positions they belong to, which must be those predicted, within
  ///     1e-3 Å.
  ///   - id: what to call it instead of its `identifier`.
  /// - Throws: `ScoringError` if it has no id or a repeated one, no forces, or is another structure
  ///   than the one predicted.
  public mutating func add(label: Structure, id: String? = nil) throws {
    precondition(settings.forces != .none, "the settings ask for no forces")
    enter(.forces)
    let id = try identifier(of: label, given: id, role: .label)
    guard labelled.insert(id).inserted else { throw ScoringError.repeated(.label, id: id) }
    guard let index = indices[id] else {
      unusedLabels.append(id)
      return
    }
    let reference = references[index]
    try requireSameAtoms(label, reference, id: id, role: .label)
    guard let forces = label.forces else { throw ScoringError.labelWithoutForces(id: id) }
    guard case .scored = verdict(index), let prediction = predictions[index] else { return }
    for atom in label.positions.indices {
      let distance = reference.cell.nearestImage(
        of: label.positions[atom] - prediction.positions[atom]
      ).length
      guard distance <= RelaxationScorer.labelTolerance else {
        throw ScoringError.labelElsewhere(id: id, atom: atom + 1, distance: distance)
      }
    }
    let largest = ForcesBelowThreshold.largestForce(forces, in: reference)
    outcomes[index] =
      largest.isFinite ? .largest(largest) : .failed("its label has forces that are not finite")
  }

  /// How far a label's atom may be from its predicted position, in Å.
  public static let labelTolerance = 1e-3
  /// How far lattice vectors may differ from the reference's, in Å.
  public static let cellTolerance = 1e-6

  // MARK: - Forces from a provider

  /// The evaluations that AFbT needs, one a scored structure, to be done in any order or at once.
  public func forceTasks() -> [ForceTask] {
    guard settings.forces != .none else { return [] }
    return references.indices.compactMap { index in
      guard case .scored = verdict(index), let prediction = predictions[index] else { return nil }
      var structure = references[index]
      structure.positions = prediction.positions
      return ForceTask(index: index, id: ids[index], structure: structure)
    }
  }

  /// Takes the outcome of a task.
  public mutating func record(_ outcome: ForceOutcome, of task: ForceTask) {
    enter(.forces)
    outcomes[task.index] = outcome
  }

  /// Evaluates all scored structures at their predicted positions, one after the other.
  ///
  /// - Parameters:
  ///   - provider: stands in for the reference method. What it refuses counts as failure.
  ///   - progress: called after each structure with the number done and the number of all.
  public mutating func evaluateForces(
    with provider: any ForceProvider, progress: (Int, Int) -> Void = { _, _ in }
  ) {
    let tasks = forceTasks()
    for (done, task) in tasks.enumerated() {
      record(task.outcome(from: provider), of: task)
      progress(done + 1, tasks.count)
    }
  }

  // MARK: - Result

  /// The score of everything that was added.
  ///
  /// - Throws: `ScoringError.noReferences`, or `repeatedStep` for a trajectory with a step twice.
  /// - Complexity: O(F log F) for F predicted frames.
  public func finish() throws -> RelaxationScore {
    guard !references.isEmpty else { throw ScoringError.noReferences }
    var entries: [RelaxationScore.Entry] = []
    var missing: [String] = []
    var failures: [RelaxationScore.Failure] = []
    var unlabelled: [String] = []
    var paths: [[StepCurves.Frame]] = []
    for (index, id) in ids.enumerated() {
      let frames = try orderedFrames(index)
      var entry = RelaxationScore.Entry(id: id, distance: nil, fmax: nil)
      switch verdict(index) {
      case .missing: missing.append(id)
      case .failed(let reason):
        failures.append(.init(id: id, reason: reason, extent: .all))
      case .scored(let distance):
        entry.distance = distance
        switch (settings.forces, outcomes[index]) {
        case (.none, _): break
        case (_, .largest(let largest)): entry.fmax = largest
        case (_, .failed(let reason)):
          failures.append(.init(id: id, reason: reason, extent: .forces))
        case (.labels, nil): unlabelled.append(id)
        case (.provider, nil):
          failures.append(.init(id: id, reason: "its forces were not evaluated", extent: .forces))
        }
      }
      entries.append(entry)
      paths.append(entry.distance == nil ? [] : frames)
    }
    return RelaxationScore(
      settings: settings, structures: entries, missing: missing, extra: extra, failures: failures,
      unlabelled: unlabelled, unusedLabels: unusedLabels, curves: StepCurves(structures: paths))
  }

  private enum Verdict {
    case missing
    case failed(String)
    case scored(Double)
  }

  private func verdict(_ index: Int) -> Verdict {
    guard let prediction = predictions[index] else { return .missing }
    if let reason = prediction.unreadable { return .failed("unreadable: \(reason)") }
    guard let last = prediction.frames.first(where: { $0.step == prediction.latest }) else {
      return .missing
    }
    if settings.convention != .ocp, let status = prediction.status, !status.isScored {
      return .failed("its relaxation ended as `\(status.rawValue)`")
    }
    guard last.distance.isFinite else {
      return .failed("its distance from the reference is not finite")
    }
    return .scored(last.distance)
  }

  private func orderedFrames(_ index: Int) throws -> [StepCurves.Frame] {
    guard let frames = predictions[index]?.frames, frames.count > 1 else {
      return predictions[index]?.frames ?? []
    }
    let ordered = frames.sorted { ($0.step ?? 0) < ($1.step ?? 0) }
    for (frame, next) in zip(ordered, ordered.dropFirst()) where frame.step == next.step {
      throw ScoringError.repeatedStep(id: ids[index], fid: frame.step ?? 0)
    }
    return ordered
  }

  // MARK: - Checks

  private mutating func enter(_ new: Stage) {
    precondition(new >= stage, "references come first, then predictions, then forces")
    stage = new
  }

  private mutating func identifier(
    of structure: Structure, given id: String?, role: ScoringRole
  ) throws -> String {
    framesRead[role, default: 0] += 1
    guard let id = id ?? structure.identifier else {
      throw ScoringError.missingIdentifier(role, frame: framesRead[role] ?? 0)
    }
    return id
  }

  private func requireSameAtoms(
    _ structure: Structure, _ reference: Structure, id: String, role: ScoringRole
  ) throws {
    guard structure.count == reference.count else {
      throw ScoringError.differentCount(
        role, id: id, found: structure.count, expected: reference.count)
    }
    if structure.elements != reference.elements,
      let atom = structure.elements.indices.first(where: {
        structure.elements[$0] != reference.elements[$0]
      })
    {
      throw ScoringError.differentElement(
        role, id: id, atom: atom + 1, found: structure.elements[atom],
        expected: reference.elements[atom])
    }
    let (cell, expected) = (structure.cell, reference.cell)
    var largest = 0.0
    for difference in [cell.a - expected.a, cell.b - expected.b, cell.c - expected.c] {
      guard difference.isFinite else {
        throw ScoringError.differentCell(role, id: id, by: .infinity)
      }
      largest = max(largest, abs(difference.x), abs(difference.y), abs(difference.z))
    }
    guard largest <= RelaxationScorer.cellTolerance else {
      throw ScoringError.differentCell(role, id: id, by: largest)
    }
  }
}
