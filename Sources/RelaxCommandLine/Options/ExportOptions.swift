// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Reporting

/// `--csv` and `--latex`: tables for programs and for papers, on every command that judges.
struct ExportOptions: ParsableArguments {
  @Option(
    help: """
      Write the main table as CSV, numbers as in the JSON, to this file or standard output (-); every \
      table into this folder if it ends in / or exists.
      """)
  var csv: String?

  @Option(
    help: """
      Write the tables for LaTeX (booktabs) to this file or standard output (-); each, that of all \
      structures too, into this folder if it ends in / or exists.
      """)
  var latex: String?

  /// Where tables go.
  struct Target {
    /// What is written.
    var form: TableSet.Form
    /// A file, a stream, or a folder without the `/` at its end.
    var path: String
    /// Whether every table is a file of its own.
    var isFolder: Bool

    init(_ path: String, _ form: TableSet.Form) {
      self.form = form
      isFolder = path != "-" && (path.hasSuffix("/") || FilePlace(path).kind == .folder)
      var path = path
      while isFolder, path.count > 1, path.hasSuffix("/") { path.removeLast() }
      self.path = path
    }
  }

  /// What was asked for.
  var targets: [Target] {
    (csv.map { [Target($0, .csv)] } ?? []) + (latex.map { [Target($0, .latex)] } ?? [])
  }

  /// Declares all files that may be written: `names` are those of all tables that a report can have.
  ///
  /// - Returns: where they go, for `write`.
  func declare(_ names: [String], in plan: inout OutputPlan) -> [Target] {
    let targets = self.targets
    for target in targets {
      let option = target.form == .csv ? "--csv" : "--latex"
      if target.isFolder {
        let files = names.map { "\($0).\(target.form.rawValue)" }
        plan.writes(folder: target.path, names: files, option)
      } else {
        plan.writes(target.path, option, target.form == .csv ? .csv : .latex)
      }
    }
    return targets
  }
}

extension Outputs {
  /// Writes `tables` where they were asked for.
  func write(_ tables: @autoclosure () -> TableSet, to targets: [ExportOptions.Target]) throws {
    guard !targets.isEmpty else { return }
    let tables = tables()
    for target in targets {
      guard target.isFolder else {
        try write(tables.file(target.form), to: target.path)
        continue
      }
      for (name, text) in tables.files(target.form) {
        try write(text, to: "\(target.path)/\(name).\(target.form.rawValue)")
      }
    }
  }
}
