// SPDX-License-Identifier: MIT

import Structures

/// The score of everything that was added.
extension RelaxationScorer {
  /// The score of everything that was added.
  ///
  /// - Throws: `ScoringError.noReferences`, `unusableReference` if all are left out, or `repeatedStep` for a trajectory with a step twice.
  /// - Complexity: O(F log F) for F predicted frames.
  public func finish() throws -> RelaxationScore {
    guard !references.isEmpty else {
      throw leftOut.first.map { ScoringError.unusableReference(id: $0.id, reason: $0.reason) }
        ?? .noReferences
    }
    let twins = labelledTwins()
    var entries: [RelaxationScore.Entry] = []
    var paths: [[StepCurves.Frame]] = []
    for index in references.indices {
      let entry = entry(index, twins)
      let frames = try orderedFrames(index)
      entries.append(entry)
      if ScoreSummary.counts(entry, settings) { paths.append(entry.distance == nil ? [] : frames) }
    }
    let missing = references.indices.filter { predictions[$0] == nil }.map { identities[$0] }
    return RelaxationScore(
      settings: settings, structures: entries, leftOut: leftOut, extra: extra,
      unusedLabels: unusedLabels,
      mismatch: IdentifierMismatch(
        references: references.count, missing: missing, extra: extraIdentities, ids: extra),
      curves: StepCurves(structures: paths, limits: settings.distanceLimits))
  }

  /// Labels by geometry, if some scored structures have none of their own: structures that end alike are
  /// computed once.
  private func labelledTwins() -> [Structure: ForceOutcome] {
    guard case .labels = settings.forces,
      references.indices.contains(where: { predicted($0) != nil && outcomes[$0] == nil })
    else { return [:] }
    var twins: [Structure: ForceOutcome] = [:]
    for index in references.indices {
      if let outcome = outcomes[index], let structure = predicted(index) {
        twins[SinglePoints.geometry(of: structure)] = outcome
      }
    }
    return twins
  }

  private func entry(
    _ index: Int, _ twins: [Structure: ForceOutcome]
  ) -> RelaxationScore.Entry {
    let prediction = predictions[index]
    var entry = RelaxationScore.Entry(
      id: ids[index], split: splits[index], verdict: verdict(index))
    entry.status = prediction?.status
    guard case .scored = entry.verdict, let prediction else { return entry }
    entry.steps = prediction.steps
    entry.exchange = prediction.exchange
    entry.energy = prediction.energy
    if let energy = prediction.energy, let reference = references[index].energy {
      let error = energy - reference
      entry.energyError = error.isFinite ? error : nil
    }
    let outcome =
      outcomes[index]
      ?? (twins.isEmpty ? nil : predicted(index).flatMap { twins[SinglePoints.geometry(of: $0)] })
    switch (settings.forces, outcome) {
    case (.none, _): break
    case (_, .largest(let largest)): entry.forces = .known(largest)
    case (_, .failed(let reason)): entry.forces = .failed(reason)
    case (.labels, nil): entry.forces = .unlabelled
    case (.provider, nil): entry.forces = .failed("its forces were not evaluated")
    }
    // A relaxed frame may have kept the `fid=0` of the structure it was made from.
    if let limits = settings.anomalies, let initial = initial(index) {
      var (before, after) = (references[index], references[index])
      (before.positions, after.positions) = (initial, prediction.positions)
      entry.anomalies = AnomalyDetector(limits: limits).anomalies(of: after, initial: before)
    }
    return entry
  }

  func verdict(_ index: Int) -> RelaxationScore.Entry.Verdict {
    guard let prediction = predictions[index] else { return .missing }
    if let reason = prediction.unreadable { return .failed("unreadable: \(reason)") }
    guard let displacements = prediction.displacements else { return .missing }
    if settings.convention != .ocp, let status = prediction.status, !status.isScored {
      return .failed("its relaxation ended as `\(status.rawValue)`")
    }
    guard displacements.mean.isFinite else {
      return .failed("its distance from the reference is not finite")
    }
    return .scored(displacements)
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
}
