// SPDX-License-Identifier: MIT

import Files
import Reporting
import StructureFiles
import Training

/// What `relax report --training` shows: trainings as their folders hold them, running ones too.
///
/// It only reads, and claims nothing: a training is not disturbed.
struct TrainingPage {
  /// The trainings.
  let runs: [TrainingReport.Run]
  /// The files that they were read from.
  let files: [String]

  /// Reads the trainings in `folders`, which are called `names`, or as their folders are.
  ///
  /// - Throws: 66 for what is no folder of a training.
  init(folders: [String], names: [String]) throws {
    var (runs, files): ([TrainingReport.Run], [String]) = ([], [])
    for (place, folder) in folders.enumerated() {
      let output = TrainingOutput(folder: TrainingPage.trimmed(folder))
      if FilePlace(output.folder).kind == .file {
        throw CommandFailure(
          .usage,
          "\(folder) is a file: --training takes folders of trainings, and a page of them shows nothing else"
        )
      }
      guard FilePlace(output.folder).kind == .folder else {
        throw CommandFailure(
          .noInput, "\(folder): there is no such folder; --training takes folders of trainings")
      }
      guard FilePlace(output.metrics).exists || FilePlace(output.configuration).exists else {
        throw CommandFailure(
          .noInput,
          "\(folder) is no folder of a training: it has no metrics.jsonl and no config.yaml")
      }
      let name = names.indices.contains(place) ? names[place] : TrainingPage.name(of: output.folder)
      runs.append(try TrainingPage.run(output, name: name))
      files += [
        output.metrics, output.timings, output.configuration, output.checkpoint, output.model,
      ]
      .filter { FilePlace($0).exists }
    }
    if names.isEmpty { TrainingPage.tellApart(&runs, folders) }
    (self.runs, self.files) = (runs, files)
  }

  /// The training in the folder of `output`.
  static func run(_ output: TrainingOutput, name: String) throws -> TrainingReport.Run {
    let hasConfiguration = FilePlace(output.configuration).exists
    return TrainingReport.Run(
      name: name, metrics: try output.readMetrics(), timings: try output.readTimings(),
      configuration: hasConfiguration ? try TextFile.text(of: output.configuration) : "",
      // One of another version may be none to this one; then what was written down is shown.
      schedule: hasConfiguration
        ? try? TrainingConfiguration(path: output.configuration).settings.schedule : nil,
      state: state(of: output))
  }

  /// How a training stands.
  private static func state(of output: TrainingOutput) -> String {
    if case .process = OutputClaim.owner(of: output.folder) { return "running" }
    // Written at the end only.
    return FilePlace(output.lastModel).exists ? "finished" : "not finished"
  }

  private static func trimmed(_ folder: String) -> String {
    var folder = folder
    while folder.count > 1, folder.hasSuffix("/") { folder.removeLast() }
    return folder
  }

  private static func name(of folder: String) -> String {
    let last = folder.split(separator: "/").last.map(String.init) ?? folder
    return [".", ".."].contains(last) ? folder : last
  }

  /// Folders of one name are called by their whole paths.
  private static func tellApart(_ runs: inout [TrainingReport.Run], _ folders: [String]) {
    let names = runs.map(\.name)
    for (place, name) in names.enumerated() where names.count(where: { $0 == name }) > 1 {
      runs[place].name = trimmed(folders[place])
    }
  }

  /// The page's report.
  var report: TrainingReport {
    TrainingReport(
      title: runs.count == 1 ? "Training \(runs[0].name)" : "\(runs.count) trainings", runs: runs)
  }
}
