// SPDX-License-Identifier: MIT

import Files
import Forces
import StructureFiles
import Structures

/// What each thread of a run does: take a structure, relax it, hand it over, take another.
struct RelaxationWorker: Sendable {
  let engine: Engine
  let run: SharedRun
  let queue: StructureQueue
  let files: OutputFormats
  /// Whether the journal is to tell what structures were when they were read.
  let recordsSources: Bool
  /// What structures may take of the memory; nil for no limit.
  let memory: MemoryBudget?
  let shouldStop: @Sendable () -> Bool

  /// Works until nothing is left, or it is asked to stop.
  func work(as number: Int) {
    while !shouldStop() && !run.hasFailed {
      do {
        guard let item = try queue.next(skipping: run.isFinished) else { return }
        let isAlone = run.death(of: item)?.isToBeAlone ?? false
        guard run.enter(alone: isAlone, unless: shouldStop) else { return }
        defer { run.leave(alone: isAlone) }
        let place = MemoryPlace(in: memory, cancellation) {
          engine.memoryNeeded(for: item.frame, trajectory: files.trajectory)
        }
        guard let place else { return }
        defer { place.giveBack() }
        try relax(item, refusing: place.refusal, as: number)
      } catch {
        run.fail(error)
      }
    }
  }

  private var cancellation: Cancellation {
    Cancellation { [run, shouldStop] in shouldStop() || run.hasFailed }
  }

  /// - Parameter refusal: why the structure is not relaxed; nil if it is.
  private func relax(
    _ item: StructureQueue.Item, refusing refusal: String?, as worker: Int
  ) throws {
    let clock = ContinuousClock()
    let begin = clock.now
    var relaxed: [UInt8] = []
    var recorder: FrameRecorder?
    var result: RelaxationResult
    var log: EvaluationLog?
    switch item.frame.content {
    case .failure(let error):
      result = .unread(error.description)
    case .success(let structure):
      if item.index > 0 { try files.relaxed.requireRoomForMore() }
      if let objection = files.objection(to: structure) {
        result = .unread(objection)
        break
      }
      warn(of: structure, id: item.frame.identifier)
      recorder = files.trajectory.map {
        FrameRecorder(
          structure, identifier: item.frame.identifier, selection: engine.frames, output: $0)
      }
      if let reason = refusal ?? run.death(of: item)?.reason {
        result = .unevaluated(.failed, structure, reason: reason)
      } else {
        let kept = try run.log(of: item)
        log = kept
        result = try follow(structure, item, kept, &recorder, worker)
        if result.status == .interrupted { try kept?.flush() }
      }
      relaxed = try files.relaxed.record(
        of: result.frame(
          of: structure, id: item.frame.identifier, changed: run.changedSettings))
      try recorder?.finish()
    }
    let seconds = (clock.now - begin) / .seconds(1)
    let line = SummaryLine(
      id: item.frame.identifier, index: item.index, result: result, seconds: seconds,
      changed: run.changedSettings)
    try run.hand(
      over: FinishedStructure(
        index: run.position(of: item.index), status: result.status, steps: result.steps,
        evaluations: result.evaluations, relaxed: relaxed, trajectory: recorder?.spool,
        summary: line.json, source: recordsSources ? item.checksum : nil),
      of: item, reason: result.reason, log: log)
  }

  /// Relaxes a structure, and lets others know how it gets on.
  private func follow(
    _ structure: Structure, _ item: StructureQueue.Item, _ log: EvaluationLog?,
    _ recorder: inout FrameRecorder?, _ worker: Int
  ) throws -> RelaxationResult {
    let id = item.frame.identifier
    var frames = recorder
    defer { recorder = frames }
    try run.mark(item, evaluations: 0, worker: worker)
    let result = try Relaxation(engine.settings).run(
      structure, provider: engine.provider, log: log,
      cancellation: cancellation
    ) { step in
      try run.mark(item, evaluations: step.number + 1, worker: worker)
      try frames?.record(step)
      run.report(
        .stepped(
          id: id, index: item.index,
          step: Engine.StepNote(
            number: step.number, energy: step.energy, fmax: step.fmax,
            isRecalled: step.isRecalled)))
      try frames?.showIfDue { try run.show(&$0, of: item) }
    }
    try run.mark(nil, worker: worker)
    return result
  }

  private func warn(of structure: Structure, id: String) {
    if structure.moveMask == nil {
      let column = structure.columns.first { MoveMask.isNearName($0.name) }?.name
      if column != nil || structure.cell.periodicity.any {
        run.report(.allAtomsFree(id: id, column: column))
      }
    }
    if structure.looksLikeSlabWithoutCell { run.report(.slabWithoutCell(id: id)) }
  }
}

/// How a run's structures are written.
struct OutputFormats: Sendable {
  var relaxed: StructureOutput
  var trajectory: StructureOutput?

  /// Why a structure can't be written; nil if it can.
  func objection(to structure: Structure) -> String? {
    relaxed.objection(to: structure) ?? trajectory?.objection(to: structure)
  }
}

extension RelaxationResult {
  /// That of a structure of which nothing is written.
  fileprivate static func unread(_ reason: String) -> RelaxationResult {
    RelaxationResult(status: .invalid, reason: reason, steps: 0, evaluations: 0, positions: [])
  }
}
