// SPDX-License-Identifier: MIT

import Files
import Networks
import StructureFiles

/// What to do with results that are there already.
public enum TrainingStart: Hashable, Sendable {
  /// Refuse to touch them.
  case new
  /// Replace them.
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
  /// The folder.
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
  /// The configuration.
  public var configuration: String { folder + "/config.yaml" }
  /// A page with curves.
  public var report: String { folder + "/report.html" }

  /// All files that a training replaces, but for the copy of its configuration.
  public var all: [String] { [model, lastModel, checkpoint, metrics, timings, report] }

  /// Refuses to begin where results are.
  func requireNew() throws(TrainingError) {
    guard !all.contains(where: AppendFile.exists) else { throw .exists(folder: folder) }
  }

  /// Makes the folder and files for a training that begins with `state`.
  ///
  /// The checkpoint comes first, so that a kill at any later time leaves a training to resume.
  func begin(_ state: TrainingState, _ settings: [TrainingSetting], text: String) throws {
    try Folder.make(folder)
    for path in all { AppendFile.remove(path) }
    try write(state, settings)
    try TextFile.replace(configuration, with: text)
  }

  /// Writes the checkpoint, in one step.
  func write(_ state: TrainingState, _ settings: [TrainingSetting]) throws {
    try state.archive(settings: settings).write(
      to: OutputFile(path: checkpoint, overwrite: true))
  }

  /// All metrics that there are.
  public func readMetrics() throws -> [TrainingMetrics] {
    try lines(of: metrics).compactMap { TrainingMetrics(line: $0) }
  }

  /// All times that there are.
  public func readTimings() throws -> [TrainingTiming] {
    try lines(of: timings).compactMap { TrainingTiming(line: $0) }
  }

  private func lines(of path: String) throws -> [Substring] {
    guard AppendFile.exists(path) else { return [] }
    let file = try RandomAccessFile(path: path)
    let text = String(decoding: try file.bytes(0..<file.length), as: UTF8.self)
    return text.split(separator: "\n")
  }

  /// The lines to append to, cut to what belongs to `state`; whatever a kill has left is tidied up.
  func openLogs(at state: TrainingState) throws -> (metrics: AppendFile, timings: AppendFile) {
    for path in [model, lastModel, checkpoint] { OutputFile.removeAbandoned(at: path) }
    let metrics = try AppendFile.reopen(self.metrics)
    guard metrics.length >= state.metricsLength else {
      throw TrainingError.checkpoint(
        file: metrics.path, reason: "is shorter than the checkpoint says")
    }
    try metrics.truncate(to: state.metricsLength)
    let known = try readTimings().filter { $0.step <= state.step }
    try TextFile.replace(
      timings, with: known.map { $0.json.text(.oneLine) + "\n" }.joined())
    return (metrics, try AppendFile.reopen(timings))
  }
}
