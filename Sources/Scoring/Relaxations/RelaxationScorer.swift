// SPDX-License-Identifier: MIT

import Forces
import RelaxNumerics
import Structures

/// Matches predicted structures with references by id and scores them, reading each file once.
///
/// References come first, then initial structures if anomalies are looked for, then predictions, then
/// the reference method's forces (labels, or a provider), then `finish()`. Of the references only what
/// is compared is kept, of a predicted trajectory its distances and, if forces or anomalies are asked
/// for, its last positions.
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
  /// Whether predicted positions are kept, to be had from `scoredStructures`, even if nothing else
  /// needs them: 24 bytes an atom.
  public let keepsPredictions: Bool

  struct Prediction: Sendable {
    var frames: [StepCurves.Frame] = []
    var latest: Int?
    var displacements: Displacements?
    var status: PredictionStatus?
    var energy: Double?
    /// Its own largest force in eV/Å.
    var fmax: Double?
    var steps: Int?
    var positions: [Vector3] = []
    /// Entries that say what is to be calculated, such as a charge.
    var entries: [Attribute] = []
    /// The same for each atom, such as magnetic moments to begin with.
    var columns: [Column] = []
    var unreadable: String?
    var exchange: AtomExchange?
  }

  enum Stage: Int, Comparable {
    case references, initial, predictions, forces
    static func < (a: Stage, b: Stage) -> Bool { a.rawValue < b.rawValue }
  }

  var ids: [String] = []
  private(set) var indices: [String: Int] = [:]
  var references: [Structure] = []
  /// Their largest forces in eV/Å, where they have forces.
  var referenceForces: [Double?] = []
  var splits: [String?] = []
  var initials: [Int: [Vector3]] = [:]
  private(set) var initialsGiven = false
  /// Whether some initial structure has the id of a reference.
  public private(set) var initialsMatched = false
  var predictions: [Prediction?] = []
  var outcomes: [ForceOutcome?] = []
  private var labelled: Set<String> = []
  /// Whether some label has the id of a reference.
  public private(set) var labelsMatched = false
  var unusedLabels: [String] = []
  var extra: [String] = []
  private var extraSeen: Set<String> = []
  /// References that there is nothing to judge in, with the reason.
  private(set) var leftOut: [RelaxationScore.LeftOut] = []
  private var leftOutSeen: Set<String> = []
  var identities: [FrameIdentity] = []
  /// Of the first predictions without a reference; more tell nothing new.
  var extraIdentities: [FrameIdentity] = []
  private static let mostIdentities = 10_000
  private var framesRead: [ScoringRole: Int] = [:]
  private var stage = Stage.references

  /// Nothing read yet.
  public init(_ settings: ScoringSettings = ScoringSettings(), keepsPredictions: Bool = false) {
    (self.settings, self.keepsPredictions) = (settings, keepsPredictions)
  }

  // MARK: - Input

  /// Adds a reference.
  ///
  /// - Parameters:
  ///   - reference: positions, cell, periodicity and free atoms to judge by.
  ///   - id: what to call it instead of its `identifier`.
  ///   - split: name of the split that it belongs to.
  /// One without an atom to judge is left out of the score, and named in it.
  ///
  /// - Throws: `ScoringError` if it has no id or a repeated one, or positions or a cell that nothing can
  ///   be compared with.
  public mutating func add(
    reference: Structure, id: String? = nil, split: String? = nil
  ) throws {
    enter(.references)
    let id = try identifier(of: reference, given: id, role: .reference)
    guard indices[id] == nil, !leftOutSeen.contains(id) else {
      let names =
        reference.attribute("role") != nil
        ? "role=relaxed" : reference.attribute("fid").map { "fid=\($0.unquoted)" }
      throw ScoringError.repeatedReference(id: id, selection: names)
    }
    if let defect = reference.cell.defect {
      throw ScoringError.unusableReference(id: id, reason: defect)
    }
    if let atom = reference.positions.firstIndex(where: { !$0.isFinite }) {
      throw ScoringError.unusableReference(
        id: id, reason: "the position of atom \(atom + 1) is not finite")
    }
    guard settings.judged(reference).contains(where: { $0 != .fixed }) else {
      leftOutSeen.insert(id)
      leftOut.append(
        RelaxationScore.LeftOut(
          id: id,
          reason: settings.atoms == .adsorbate
            ? "it has no free atom that is tagged as adsorbate (tag 2)" : "it has no free atom"))
      return
    }
    identities.append(FrameIdentity(reference, id: id))
    indices[id] = ids.count
    ids.append(id)
    references.append(
      Structure(
        elements: reference.elements, positions: reference.positions, cell: reference.cell,
        moveMask: reference.moveMask, tags: reference.tags, energy: reference.energy,
        columns: isToBeCalculated ? reference.columnsOfCalculation : [],
        attributes: isToBeCalculated ? reference.entriesOfCalculation : []))
    referenceForces.append(reference.largestFreeForce)
    splits.append(split)
    predictions.append(nil)
    outcomes.append(nil)
  }

  /// Adds the structure that a relaxation began with, by which anomalies are told.
  ///
  /// Without any, the frame `fid=0` of a predicted trajectory serves.
  ///
  /// - Throws: `ScoringError` if it has no id or a repeated one, or differs from its reference in
  ///   composition or cell.
  public mutating func add(initial: Structure, id: String? = nil) throws {
    enter(.initial)
    let id = try identifier(of: initial, given: id, role: .initial)
    guard let index = indices[id] else { return }
    initialsMatched = true
    try requireSameAtoms(initial, references[index], id: id, role: .initial)
    guard initials.updateValue(initial.positions, forKey: index) == nil else {
      throw ScoringError.repeated(.initial, id: id)
    }
    initialsGiven = true
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
    if leftOutSeen.contains(id) { return }
    guard let index = indices[id] else {
      if extraSeen.insert(id).inserted {
        extra.append(id)
        if extra.count <= RelaxationScorer.mostIdentities {
          extraIdentities.append(FrameIdentity(prediction, id: id))
        }
      }
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
    let judged = settings.judged(reference)
    let displacements = try Displacements(
      of: prediction.positions, to: reference, judged: judged, convention: settings.convention)
    if settings.anomalies != nil, !initialsGiven, step == 0 {
      initials[index] = prediction.positions
    }
    // Taken out while it grows, so that the frames of a long trajectory are not copied.
    var known = predictions[index] ?? Prediction()
    predictions[index] = nil
    known.frames.append(StepCurves.Frame(step: step, distance: displacements.mean))
    if known.frames.count == 1 || (step ?? 0) > (known.latest ?? 0) {
      known.latest = step
      known.displacements = displacements
      known.exchange = AtomExchange(
        of: prediction.positions, to: reference, judged: judged, displacements: displacements)
      known.status = status
      known.energy = prediction.energy
      known.fmax =
        prediction.largestFreeForce
        ?? prediction.attribute("relax_fmax").flatMap { Double($0.unquoted) }
      known.steps = prediction.attribute("relax_steps").flatMap { Int($0.unquoted) } ?? step
      if keepsPositions(index) {
        known.positions = prediction.positions
        if isToBeCalculated {
          known.entries = prediction.entriesOfCalculation
          known.columns = prediction.columnsOfCalculation
        }
      }
    }
    predictions[index] = known
  }

  /// Whether somebody may calculate the predicted structures.
  private var isToBeCalculated: Bool { keepsPredictions || settings.forces != .none }

  private func keepsPositions(_ index: Int) -> Bool {
    keepsPredictions || settings.forces != .none || initials[index] != nil
  }

  /// Notes that the prediction of a structure, or a frame of it, could not be read, which makes it
  /// a failure.
  ///
  /// - Parameter reason: what is wrong with it, in words.
  public mutating func addUnreadable(prediction id: String, reason: String) {
    enter(.predictions)
    if leftOutSeen.contains(id) { return }
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
    if leftOutSeen.contains(id) { return }
    guard let index = indices[id] else {
      unusedLabels.append(id)
      return
    }
    labelsMatched = true
    let reference = references[index]
    try requireSameAtoms(label, reference, id: id, role: .label)
    guard let forces = label.forces else { throw ScoringError.labelWithoutForces(id: id) }
    guard case .scored = verdict(index), let prediction = predictions[index] else { return }
    if let text = label.attribute("converged")?.unquoted, ["F", "false", "False"].contains(text) {
      outcomes[index] = .failed("its label says converged=\(text)")
      return
    }
    for atom in label.positions.indices {
      let distance = reference.cell.nearestImage(
        of: label.positions[atom] - prediction.positions[atom]
      ).length
      guard distance <= RelaxationScorer.labelTolerance else {
        throw ScoringError.labelElsewhere(id: id, atom: atom + 1, distance: distance)
      }
    }
    let largest = ForcesBelowThreshold.force(
      forces, judged: settings.judged(reference), by: settings.forceMeasure)
    outcomes[index] =
      largest.isFinite ? .largest(largest) : .failed("its label has forces that are not finite")
  }

  /// How far a label's atom may be from its predicted position, in Å.
  public static let labelTolerance = 1e-3
  /// How far lattice vectors may differ from the reference's, in Å.
  public static let cellTolerance = 1e-6

  // MARK: - Checks

  mutating func enter(_ new: Stage) {
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
      if let factor = unitFactor(cell, expected) {
        throw ScoringError.differentUnit(role, id: id, factor: factor)
      }
      throw ScoringError.differentCell(role, id: id, by: largest)
    }
  }

  /// How many times as large a cell is, if that looks like nm or Bohr on one side.
  private func unitFactor(_ cell: Cell, _ expected: Cell) -> Double? {
    let ratios = [
      cell.a.length / expected.a.length, cell.b.length / expected.b.length,
      cell.c.length / expected.c.length,
    ]
    let bohr = 1.889726
    return [0.1, 10, bohr, 1 / bohr].first { factor in
      ratios.allSatisfy { abs($0 / factor - 1) < 1e-3 }
    }
  }
}
