// SPDX-License-Identifier: MIT

import ArgumentParser
import Files
import Forces
import Relaxation
import Reporting
import Scoring
import StructureFiles

/// Relaxed structures judged by references, beside those of other ways to relax.
extension Report {
  func requireStudy() throws {
    guard summary.count <= 1 else {
      throw ValidationError(
        "--summary: one of the relaxed structures, since they are judged as one set")
    }
    guard otherSummaries.isEmpty || otherSummaries.count == others.count else {
      throw ValidationError("--other-summaries needs as many files as --others")
    }
    try MethodNames.require(name, atMost: 1 + others.count)
  }

  func reportStudy() throws {
    let inputs =
      try InputFiles.files(in: predicted) + scoring.inputs() + trajectory + summary + others
      + otherSummaries
    try InputFiles.requireReadable(inputs)
    var plan = OutputPlan(overwrite: replacing.overwrite)
    plan.reads(inputs)
    let provider = try scoring.declare(in: &plan)
    let place = try destination(
      plan, tables: StudyReport.tableNames, figures: StudyReport.figureNames)
    defer { place.end() }
    if let provider, !quiet { Console.warn(about: provider) }
    let scorer = try scoring.scorer(of: predicted, with: provider, keepsPredictions: true)
    let score = try scorer.finish()
    let methods = try self.methods(score, provider)
    var verdict = MatchVerdict()
    verdict.add(score, of: predicted.joined(separator: ", "))
    for (file, method) in zip(others, methods.dropFirst()) { verdict.add(method.score, of: file) }
    try verdict.requireCommon()
    let shown = StructureGallery.order(score.farthestFirst).prefix(self.shown)
    let paths =
      trajectory.isEmpty
      ? nil : try PathRecords(files: trajectory, showing: Set(shown.map(\.id)))
    if let paths, !score.structures.contains(where: { paths.paths[$0.id] != nil }) {
      Console.error(
        "relax: \(trajectory.joined(separator: ", ")): no trajectory has the id of a reference; frames "
          + "of a trajectory have a `sid` and a `fid`")
    }
    var gallery = StructureGallery(judging: score.settings)
    let numbers = Dictionary(
      uniqueKeysWithValues: score.structures.enumerated().map { ($0.element.id, $0.offset) })
    for entry in shown {
      guard let geometries = scorer.geometries(of: entry.id), let number = numbers[entry.id] else {
        continue
      }
      gallery.add(
        entry, number: number, geometries: geometries, path: paths?.paths[entry.id],
        settings: score.settings)
    }
    let report = StudyReport(
      ScoreReport(
        score, predicted: predicted.joined(separator: ", "),
        reference: scoring.reference.joined(separator: ", ")), methods: methods, paths: paths,
      gallery: gallery, head: try head())
    try write(report, to: place)
    try verdict.requireAll()
  }

  /// What the relaxed structures and the others are called.
  private var names: [String] {
    let first = predicted.map { StructureReader.baseName(of: $0) }.joined(separator: ", ")
    guard predicted.count > 1 else { return MethodNames.all(name, of: predicted + others) }
    return [name.first ?? first] + MethodNames.all(Array(name.dropFirst()), of: others)
  }

  private func head() throws -> PageHead {
    let names = self.names
    var sources = try predicted.map { file in
      PageHead.Source(
        name: predicted.count == 1 ? names[0] : StructureReader.baseName(of: file), file: file,
        record: try RunRecord(of: file))
    }
    for (name, file) in zip(names.dropFirst(), others) {
      sources.append(PageHead.Source(name: name, file: file, record: try RunRecord(of: file)))
    }
    return PageHead(sources: sources, facts: scoring.facts, version: RelaxCommand.version)
  }

  private func methods(
    _ score: RelaxationScore, _ provider: (any ForceProvider)?
  ) throws -> [StudyReport.Method] {
    let names = self.names
    var methods = [
      StudyReport.Method(
        name: names[0], score: score,
        seconds: try summary.first.map { try RunCost(summary: $0).seconds },
        curves: trajectory.isEmpty
          ? nil : try scoring.scorer(of: trajectory, with: nil, withForces: false).finish().curves)
    ]
    for (index, file) in others.enumerated() {
      methods.append(
        StudyReport.Method(
          name: names[index + 1], score: try scoring.scorer(of: [file], with: provider).finish(),
          seconds: otherSummaries.isEmpty
            ? nil : try RunCost(summary: otherSummaries[index]).seconds))
    }
    return methods
  }
}
