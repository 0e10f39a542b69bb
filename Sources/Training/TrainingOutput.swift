// SPDX-License-Identifier: MIT

import Files
import Networks
import StructureFiles

/// What to do with results that are there already.
public enum TrainingStart: Hashable, Sendable {
  /// Refuse to touch them.
  case new
  /// Existing outputs are replaced.
  case overwriting
  /// Go on from the last checkpoint, or begin if there is none.
  case resuming
}

/// The files of a training, in one folder.
///
/// The checkpoint is the truth: what other files hold beyond it was written before a kill and is made
/// again, to the same bytes. Its format is that of model files, so that any reader of safetensors
/// can look at weights and moments, and damage is noticed by the same checks.
public struct TrainingOutput: Sendable {
  /// Path of the folder that holds everything a training writes.
  public let folder: String

  /// Results in `folder`.
  public init(folder: String) { self.folder = folder }

  /// The best model.
  public var model: String { folder + "/model.safetensors" }
  /// The model at the end.
  public var lastModel: String { folder + "/last.safetensors" }
  /// Everything that is needed to go on.
  public var checkpoint: String { folder + "/checkpoint" }
  /// A line of ``TrainingMetrics`` every so many steps.
  public var metrics: String { folder + "/metrics.jsonl" }
  /// A line of ``TrainingTiming`` for each line of metrics.
  public var timings: String { folder + "/timings.jsonl" }
  /// The configuration that the training began with.
  public var configuration: String { folder + "/config.yaml" }
  /// A page with curves.
  public var report: String { folder + "/report.html" }

  /// All files that a training writes.
  public var all: [String] {
    [model, lastModel, checkpoint, metrics, timings, configuration, report]
  }

  /// Refuses to begin where anything is that a training would write.
  ///
  /// - Parameter isResuming: whether there should have been a checkpoint.
  func requireNew(isResuming: Bool) throws(TrainingError) {
    guard let there = all.first(where: { FilePlace($0).exists }) else { return }
    guard !isResuming, FilePlace(checkpoint).exists else {
      throw .noCheckpoint(folder: folder, file: there)
    }
    throw .exists(folder: folder)
  }

  /// Makes the folder and files for a training that begins with `state`.
  ///
  /// The checkpoint comes first, so that a kill at any later time leaves a training to resume; what an
  /// earlier training has left is removed only then.
  func begin(_ state: TrainingState, _ settings: [RecordedSetting], text: String) throws {
    try Folder.make(folder)
    try write(state, settings)
    try clear(text: text)
  }

  /// Removes what an earlier training has left beside a checkpoint of no step, and copies the
  /// configuration.
  func clear(text: String) throws {
    for path in all where path != checkpoint { AppendFile.remove(path) }
    try TextFile.write(text, to: configuration, overwrite: false)
  }

  /// Writes the checkpoint, in one step.
  func write(_ state: TrainingState, _ settings: [RecordedSetting]) throws {
    try state.archive(settings: settings).write(
      to: OutputFile(path: checkpoint, overwrite: true))
  }

  /// Requires that the models are those that were written when `state` was.
  ///
  /// What a kill leaves newer than its checkpoint is written again before the end.
  func requireModels(of state: TrainingState) throws(TrainingError) {
    for (written, sum) in state.models.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      let path = path(of: written)
      guard let found = Checksum.ofFile(path) else {
        throw .checkpoint(file: path, reason: "is not there any more or cannot be read")
      }
      guard found.checksum == sum else {
        throw .checkpoint(
          file: path, reason: "is damaged: it is not what this training has written")
      }
    }
  }

  /// Where a model lies.
  func path(of written: TrainingState.WrittenModel) -> String {
    switch written {
    case .best: model
    case .last: lastModel
    }
  }

  /// All metrics that there are.
  public func readMetrics() throws -> [TrainingMetrics] {
    try lines(of: metrics).compactMap { TrainingMetrics(line: $0) }
  }

  /// All times that there are.
  public func readTimings() throws -> [TrainingTiming] {
    try lines(of: timings).compactMap { TrainingTiming(line: $0) }
  }

  private func lines(of path: String) throws -> [String] {
    guard FilePlace(path).exists else { return [] }
    return try TextFile.lines(of: path).filter { !$0.isEmpty }
  }

  /// The lines to append to, cut to what belongs to `state`; whatever a kill has left is tidied up.
  func openLogs(at state: TrainingState) throws -> (metrics: AppendFile, timings: AppendFile) {
    for path in [model, lastModel, checkpoint] { OutputFile.removeAbandoned(at: path) }
    let metrics = try TrainingOutput.log(self.metrics)
    try requireMetrics(of: state)
    try metrics.truncate(to: state.metricsLength)
    let known = try readTimings().filter { $0.step <= state.step }
    try TextFile.write(
      known.map { $0.json.text(.oneLine) + "\n" }.joined(), to: timings, overwrite: true)
    return (metrics, try AppendFile.reopen(timings))
  }

  /// Requires that the metrics begin with those that were written when `state` was.
  func requireMetrics(of state: TrainingState) throws {
    guard state.metricsLength > 0 else { return }
    let metrics = try AppendFile.reopen(self.metrics)
    guard metrics.length >= state.metricsLength else {
      throw TrainingError.checkpoint(
        file: metrics.path, reason: "is shorter than the checkpoint says")
    }
    guard
      Checksum(of: try metrics.read(offset: 0, count: state.metricsLength)) == state.metricsChecksum
    else {
      throw TrainingError.checkpoint(
        file: metrics.path, reason: "is damaged: it is not what this training has written")
    }
  }

  private static func log(_ path: String) throws(FileError) -> AppendFile {
    FilePlace(path).exists ? try AppendFile.reopen(path) : try AppendFile.create(path)
  }
}
