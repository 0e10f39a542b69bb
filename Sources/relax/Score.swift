// SPDX-License-Identifier: MIT

import ArgumentParser
import Forces
import Relaxation
import Reporting
import Scoring
import StructureFiles
import Structures

struct Score: ParsableCommand {
  static let configuration = CommandConfiguration(
    abstract: "Score relaxed structures against references: ADwT, and AFbT if forces are given.",
    discussion: """
      relax score relaxed.extxyz --reference dft.extxyz
      relax score relaxed.extxyz --reference pairs.extxyz.xz --select role=relaxed --provider emt-morse

      ADwT: share of structures whose free atoms are on average closer to the reference than a \
      threshold, averaged over thresholds 0.010, 0.011, … 0.499 Å. AFbT: share of structures whose \
      largest force, by the reference method at the predicted positions, is below a threshold, \
      averaged over 0.010 … 0.399 eV/Å. Structures are matched by sid or id; missing and failed \
      ones count as failures and are named.
      """)

  @Argument(help: "Relaxed structures, or their trajectories.", completion: .file())
  var predicted: String

  @Option(help: "Reference structures.", completion: .file())
  var reference: String

  @Option(help: "Reference forces at the predicted positions (extxyz with forces).")
  var labels: String?

  @Option(
    name: [.short, .long], help: "A provider that stands in for the reference method's forces.")
  var provider: String?

  @Option(help: "Take only reference frames whose comment has KEY=VALUE (repeatable).")
  var select: [FrameFilter] = []

  @Option(help: "ocp: the released evaluator's arithmetic, no structure counted as failed.")
  var compat: Compatibility?

  @Option(help: "Write the scores as JSON to this file, or to standard output (-).")
  var json: String?

  @Option(help: "Write a page with threshold curves to this file.")
  var html: String?

  @Flag(name: [.short, .long], help: "No table.")
  var quiet = false

  enum Compatibility: String, ExpressibleByArgument { case ocp }

  func validate() throws {
    if labels != nil && provider != nil {
      throw ValidationError("--labels and --provider both give forces: choose one")
    }
  }

  func run() throws {
    let provider = try self.provider.map { try ProviderCatalog.standard.provider($0) }
    let inputs = [predicted, reference] + (labels.map { [$0] } ?? [])
    try InputFiles.requireReadable(inputs)
    try InputFiles.requireDistinct(outputs: [json, html].compactMap { $0 }, inputs: inputs)

    let forces: ScoringSettings.ForceSource =
      if let labels {
        .labels(labels)
      } else if let provider {
        .provider(provider.specification)
      } else {
        .none
      }
    var scorer = RelaxationScorer(
      ScoringSettings(convention: compat == .ocp ? .ocp : .nearestImage, forces: forces))
    var references = 0
    try readFrames(reference) { frame in
      let structure = try frame.content.get()
      guard select.allSatisfy({ $0.accepts(structure) }) else { return }
      references += 1
      try scorer.add(reference: structure, id: frame.identifier)
    }
    try InputFiles.requireSome(references, of: select, in: [reference])
    try readFrames(predicted) { frame in
      switch frame.content {
      case .success(let structure):
        try scorer.add(prediction: structure, id: frame.identifier)
      case .failure(let error):
        scorer.addUnreadable(prediction: frame.identifier, reason: error.description)
      }
    }
    if let labels {
      try readFrames(labels) { frame in
        try scorer.add(label: try frame.content.get(), id: frame.identifier)
      }
    }
    if let provider { scorer.evaluateForces(with: provider) }
    try report(try scorer.finish())
  }

  private func readFrames(_ path: String, _ body: (Frame) throws -> Void) throws {
    let reader = try StructureReader(path: path)
    while let frame = try reader.next() { try body(frame) }
  }

  private func report(_ score: RelaxationScore) throws {
    let report = ScoreReport(score, predicted: predicted, reference: reference)
    if let html { try TextFile.replace(html, with: report.html()) }
    if let json {
      let text = report.json.text() + "\n"
      if json == "-" { try Console.result(text) } else { try TextFile.replace(json, with: text) }
    }
    if !quiet && json != "-" { try Console.result(report.text()) }
    let failures = score.missing.count + score.failures.count + score.unlabelled.count
    guard failures == 0 else {
      throw CommandFailure(
        .incomplete, "\(failures) of \(score.structures.count) structures count as failures")
    }
  }
}
