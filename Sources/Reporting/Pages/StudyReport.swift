// SPDX-License-Identifier: MIT

import Files
import Scoring
import StructureFiles

/// A relaxation study as one page: how good the relaxed structures are, how they came about, what they
/// cost, and what they look like.
public struct StudyReport: Sendable {
  /// A way to relax, beside others.
  public struct Method: Sendable {
    /// Usually a file name.
    public var name: String
    /// How good its structures are.
    public var score: RelaxationScore
    /// Seconds a structure, if known.
    public var seconds: Double?
    /// The score after each step, if trajectories are known.
    public var curves: StepCurves?

    /// A way to relax.
    public init(
      name: String, score: RelaxationScore, seconds: Double? = nil, curves: StepCurves? = nil
    ) {
      (self.name, self.score, self.seconds) = (name, score, seconds)
      self.curves = curves ?? score.curves
    }
  }

  /// The score that the page is about.
  public let score: ScoreReport
  /// All ways to relax, that one first.
  public let methods: [Method]
  /// What trajectories say, if there are any.
  public let paths: PathRecords?
  /// Structures to look at; nil leaves them out.
  public let gallery: StructureGallery?

  /// A report on `score`.
  public init(
    _ score: ScoreReport, methods: [Method], paths: PathRecords? = nil,
    gallery: StructureGallery? = nil
  ) {
    (self.score, self.methods, self.paths, self.gallery) = (score, methods, paths, gallery)
  }

  /// The page: needs nothing else, network least of all.
  public func html() -> String {
    var body = "<nav aria-label=\"Sections\">"
    body +=
      ["scores", "plots", "worst", "structures", "all"].filter {
        $0 != "structures" || showsStructures
      }.map { "<a href=\"#\($0)\">\($0)</a>" }.joined(separator: " · ") + "</nav>\n"
    body += "<div class=\"numbers\">\n"
    body += HTMLPage.number(
      Decimals.percent((score.score.average ?? score.score.overall).adwt), "ADwT",
      "of structures within distance limits, on average")
    if let afbt = (score.score.average ?? score.score.overall).afbt {
      body += HTMLPage.number(
        Decimals.percent(afbt), "AFbT", "of structures with forces below limits, on average")
    }
    body += "</div>\n<h2 id=\"scores\">Scores</h2>\n"
    body += score.tables(.unicode, lists: false).map(HTMLText.section).joined()
    if let costs { body += HTMLText.section(costs) }
    body += "<h2 id=\"plots\">Plots</h2>\n" + HTMLPage.plots(StudyPlots(self).all.map(\.plot))
    body += "<h2 id=\"worst\">The worst structures</h2>\n" + structures(StudyReport.worst)
    if let gallery { body += ViewerSection(gallery).html() }
    body +=
      "<h2 id=\"all\">All structures</h2>\n<details><summary>A table, the farthest first</summary>\n"
    body += structures(StudyReport.listed) + "</details>\n"
    if !score.score.failures.isEmpty {
      body += "<h2>Failed</h2>\n"
      body += HTMLText.table(
        ["id", "reason"],
        score.score.failures.prefix(StudyReport.listed).map { [Excerpt.name($0.id), $0.reason] })
      if score.score.failures.count > StudyReport.listed {
        body += "<p><small>\(StudyReport.listed) of \(score.score.failures.count)</small></p>\n"
      }
    }
    for (name, ids) in [
      ("Missing", score.score.missing), ("Unlabelled", score.score.unlabelled),
      ("Extra", score.score.extra),
    ] where !ids.isEmpty {
      let list = ids.prefix(StudyReport.listed).map { HTMLText.escaped(Excerpt.name($0)) }
        .joined(separator: ", ")
      let more = ids.count > StudyReport.listed ? ", … (\(ids.count) in all)" : ""
      body += "<h2>\(name)</h2>\n<p>\(list)\(more)</p>\n"
    }
    return HTMLPage(title: score.title, body: body, style: showsStructures ? ViewerSection.style : "").text()
  }

  /// The same as Markdown, without pictures.
  public func markdown() -> String {
    score.markdown() + (costs.map { "\n" + $0.markdown() } ?? "")
  }

  /// The names that figures can have.
  public static let figureNames = StudyPlots.names

  /// All plots as files of their own, by name without extension.
  public func figures() -> [(name: String, svg: String)] {
    StudyPlots(self).all.map { ($0.name, $0.plot.file()) }
  }

  /// The score and what all methods cost, for programs.
  public var json: JSONText {
    guard case .object(var members) = score.json else { return score.json }
    members.append(
      .init(
        "methods",
        .array(
          methods.map {
            [
              "name": .string($0.name), "seconds": JSONText($0.seconds),
              "adwt": .number(($0.score.average ?? $0.score.overall).adwt),
              "afbt": JSONText(($0.score.average ?? $0.score.overall).afbt),
            ]
          })))
    return .object(members)
  }

  private static let worst = 20
  /// More structures than this are not listed one by one in the page; all are in the JSON.
  private static let listed = 1000

  private var showsStructures: Bool { gallery?.isEmpty == false }

  /// All methods side by side, if there is more than one or a cost.
  private var costs: TextTable? {
    guard methods.count > 1 || methods.contains(where: { $0.seconds != nil }) else { return nil }
    var table = TextTable(
      title: "Quality and cost",
      columns: [
        .init("", .left), .init("ADwT"), .init("AFbT"), .init("converged"),
        .init("seconds a structure"),
      ])
    for method in methods {
      let summary = method.score.average ?? method.score.overall
      table.append(
        method.name, Decimals.percent(summary.adwt), Decimals.percent(summary.afbt),
        Decimals.percent(summary.converged), Decimals.fixed(method.seconds, 4))
    }
    return table
  }

  /// How the relaxation of `entry` ended, or that there is none.
  private static func end(of entry: RelaxationScore.Entry) -> String {
    switch entry.verdict {
    case .missing: "missing"
    case .failed: entry.status?.rawValue ?? "failed"
    case .scored: entry.status?.rawValue ?? "–"
    }
  }

  /// What happened to `entry` in words, or that it cannot be told.
  private static func anomalies(of entry: RelaxationScore.Entry) -> String {
    guard let found = entry.anomalies else { return "not judged" }
    let names = Anomaly.allCases.filter(found.contains).map(\.rawValue)
    return names.isEmpty ? "none" : names.joined(separator: ", ")
  }

  private func structures(_ count: Int) -> String {
    let all = score.score.farthestFirst
    let hasForces = score.score.afbt != nil
    let hasEnergies = score.score.overall.counts.withEnergies > 0
    let hasAnomalies = score.score.normal != nil
    var table = TextTable(columns: [
      .init("id", .left), .init("distance (Å)"), .init("farthest atom (Å)"),
    ])
    if hasForces { table.columns.append(.init("largest force (eV/Å)")) }
    if hasEnergies { table.columns.append(.init("energy error (eV)")) }
    table.columns += [.init("steps"), .init("ended", .left)]
    if hasAnomalies { table.columns.append(.init("anomalies", .left)) }
    for entry in all.prefix(count) {
      var cells = [
        Excerpt.name(entry.id), Decimals.fixed(entry.distance, 4),
        Decimals.fixed(entry.displacements?.largest, 3),
      ]
      if hasForces { cells.append(Decimals.fixed(entry.fmax, 4)) }
      if hasEnergies { cells.append(Decimals.fixed(entry.energyError, 4)) }
      cells += [entry.steps.map { "\($0)" } ?? "–", StudyReport.end(of: entry)]
      if hasAnomalies {
        cells.append(StudyReport.anomalies(of: entry))
      }
      table.append(cells)
    }
    if all.count > count { table.notes = ["\(count) of \(all.count)"] }
    return HTMLText.section(table)
  }
}

extension RelaxationScore {
  /// Structures by their distance, those without one first: they are the worst.
  public var farthestFirst: [Entry] {
    structures.enumerated().sorted {
      let (a, b) = ($0.element.distance ?? .infinity, $1.element.distance ?? .infinity)
      return a == b ? $0.offset < $1.offset : a > b
    }.map(\.element)
  }
}
