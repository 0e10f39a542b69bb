// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import StructureFiles

struct Status: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "How far runs are: done, converged, failed and why, speed, time left.",
    discussion: """
      relax status relaxed.extxyz
      relax status relaxed.extxyz --json -

      OUTPUT is what was given to relax run as --output, also of a run in shards. Running, stopped, \
      killed and finished runs are told apart; none is disturbed. Shards that were not begun are named. \
      The time left is that of the shards that are running now.

      \(ExitStatus.help("0 told; 66 no run has written such an output"))
      """)

  @Argument(help: "Outputs of runs, as they were given to them.", completion: .file())
  var outputs: [String]

  @Option(help: "Write it as JSON to this file, or to standard output (- or nothing).")
  var json: String?

  @OptionGroup var replacing: OverwriteOption

  func run() throws {
    var runs: [RunState] = []
    var failure: (any Error)?
    for output in outputs {
      do { runs.append(try RunState(of: output)) } catch { failure = failure ?? error }
    }
    if runs.isEmpty, let failure { throw failure }
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(runs.flatMap(\.files))
    plan.writes(json, "--json", .json)
    let written = try plan.begin()
    defer { written.end() }
    let values = runs.map(\.json)
    try written.write(
      (values.count == 1 ? values[0] : .array(values)).text() + "\n", to: json)
    if !written.usesStandardOutput {
      try Console.result(runs.map(\.text).joined(separator: "\n"))
    }
    written.announce(quiet: true)
    if let failure { throw failure }
  }
}
